"""make growth: it measures the same items that requests store, and it detects costs that grow with the table."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from api.domain.todos import Todo
from api.services.mappings import RELEVANT_TODOS, TODO
from api.store import keys
from api.store.keys import unmarshal
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, Item, TransactItem
from bench.growth.access_patterns import PATTERNS, AccessPattern
from bench.growth.bulk_import import import_items
from bench.growth.measure import measure
from bench.growth.population import DUE_TODOS, STAFF, TIME_TO_FINISH, cat_name, generate_items, todo_id
from bench.growth.report import CAPACITY, REPORT, TIME, describe_run, render
from bench.growth.result import FLAT, GROWS_AS_EXPECTED, GrowthResult
from bench.report_parts import ROOT
from tests.support.engine_app import EngineApp, create_engine_app
from tests.support.mutants import ScansTheTable
from tools.cli import CliError
from tools.local.dynamodb import DynamoDBEmulator
from tools.tables import scan

SMALL, LARGE = 100, 400
SMALL_PATTERNS = [replace(pattern, page=min(pattern.page, 3)) for pattern in PATTERNS]
"""The access patterns with the third page in place of the hundredth."""
NOW = datetime.now(UTC).replace(microsecond=1)


@pytest.fixture(scope="module")
def result() -> GrowthResult:
    """The result of a small run of all access patterns."""
    return measure((SMALL, LARGE), SMALL_PATTERNS, repeats=2)


def patterns_named(*names: str) -> Sequence[AccessPattern]:
    return [pattern for pattern in SMALL_PATTERNS if pattern.name in names]


def test_cost_of_reads_does_not_depend_on_the_size(result: GrowthResult) -> None:
    assert result.growing() == []
    verdicts = {pattern.name: result.verdict(pattern) for pattern in result.patterns}
    expected = {pattern.name: GROWS_AS_EXPECTED if pattern.grows_with else FLAT for pattern in SMALL_PATTERNS}
    assert verdicts == expected
    for pattern in SMALL_PATTERNS:
        small, large = result.costs[pattern.name]
        assert small is not None
        assert large is not None
        assert pattern.grows_with or (small.units, small.calls, small.items) == (large.units, large.calls, large.items)
        assert small.ms > 0
        assert large.ms > 0


def test_output_has_a_line_for_each_pattern(result: GrowthResult) -> None:
    assert "growth get_cat 0.5 0.5 flat" in result.lines()
    assert [line.split()[:2] for line in result.lines()] == [["growth", pattern.name] for pattern in SMALL_PATTERNS]


def test_missing_page_has_no_cost() -> None:
    [pattern] = patterns_named("hundredth_page")
    result = measure((DUE_TODOS, SMALL), [replace(pattern, page=3)], repeats=1)
    assert result.costs[pattern.name][0] is None
    assert result.lines() == ["growth hundredth_page n/a 1.5 flat"]


def test_table_scans_are_detected() -> None:
    patterns = patterns_named("get_cat", "first_page", "filter_indexed", "history")
    result = measure((SMALL, SMALL * 2), patterns, 1, ScansTheTable)
    assert result.growing() == ["first_page", "filter_indexed", "history"]


def _index_done_todos(todo: Todo, _zone: tzinfo) -> Mapping[str, str]:
    attributes = {"filter1_key": RELEVANT_TODOS, "by_time": f"{keys.timestamp_key(todo.created)}#{todo.id}"}
    return {**TODO.index_attributes(todo, UTC), **attributes} if todo.done else TODO.index_attributes(todo, UTC)


def test_done_todos_in_the_index_of_relevant_todos_are_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    mapping = msgspec.structs.replace(TODO, index_attributes=_index_done_todos)
    monkeypatch.setattr("bench.growth.population.TODO", mapping)
    result = measure((SMALL, LARGE), patterns_named("next_todo", "todos_first"), repeats=1)
    assert result.growing() == ["next_todo"]


def test_failed_request_stops_the_measurement() -> None:
    pattern = AccessPattern("missing", "GET a missing cat", "/cats/missing", "public")
    with pytest.raises(CliError, match="The benchmark has stopped: GET /cats/missing returned 404"):
        measure((DUE_TODOS,), [pattern], repeats=1)


class IncreasingCost(Table):
    """A table that reads one more time with each call."""

    times = 0

    def get(self, key: keys.Key, *, consistent: bool) -> Item | None:
        """Read the item repeatedly."""
        IncreasingCost.times += 1
        for _ in range(IncreasingCost.times):
            super().get(key, consistent=consistent)
        return super().get(key, consistent=consistent)


def test_varying_cost_stops_the_measurement() -> None:
    with pytest.raises(CliError, match="get_cat does not cost the same each time"):
        measure((DUE_TODOS,), patterns_named("get_cat"), repeats=2, table=IncreasingCost)


def _rows(database: Path, table: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of a table and its indexes, with parsed JSON, because the emulator does not sort members."""
    with sqlite3.connect(database) as connection:
        query = "SELECT name, sql FROM sqlite_master WHERE name LIKE ? ORDER BY name"
        schema = connection.execute(query, [f"{table}%"])
        rows: dict[str, list[tuple[Any, ...]]] = {name: [(sql,)] for name, sql in schema}
        for name in [name for name, [(sql,)] in rows.items() if sql.startswith("CREATE TABLE")]:
            contents = connection.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2').fetchall()
            rows[name] += [tuple(map(_parse, row)) for row in contents]
    connection.close()
    return rows


def _parse(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def test_imported_rows_equal_written_rows(tmp_path: Path) -> None:
    items, name = list(generate_items(40, NOW)), "clowder-same"
    assert import_items(tmp_path / "imported.db", name, items) == len(items)
    with DynamoDBEmulator(tmp_path / "written.db") as emulator:
        app = create_engine_app(emulator.url, name)
        iterator = iter(items)
        while batch := list(islice(iterator, 100)):
            app.table.transact([TransactItem("Put", item, UNCONDITIONAL) for item in batch], str(batch[0]["rev"]))
        app.close()
    imported, written = (_rows(tmp_path / file, name) for file in ("imported.db", "written.db"))
    assert len(imported[name]) == len(items) + 1
    assert len(imported[f"{name}::gsi::list-by_name"]) == 40 + 1
    assert imported == written


@pytest.mark.parametrize("member", ["doc", "filter1_key"])
def test_comparison_detects_a_different_item(tmp_path: Path, member: str) -> None:
    items, name = list(generate_items(DUE_TODOS, NOW)), "clowder-other"
    changed = [*items[:-1], {**items[-1], member: '{"id": "another"}'}]
    for file, contents in (("original.db", items), ("changed.db", changed)):
        import_items(tmp_path / file, name, contents)
    assert _rows(tmp_path / "original.db", name) != _rows(tmp_path / "changed.db", name)
    assert _normalise(items[-1:]) != _normalise(changed[-1:])


def test_import_that_leaves_out_items_is_an_error(tmp_path: Path) -> None:
    items: list[Item] = [{"pk": "cats#luna", "sk": "record"}, {"pk": "cats#milo"}]
    with pytest.raises(CliError, match="has not imported 2 items"):
        import_items(tmp_path / "incomplete.db", "clowder-incomplete", items)


def _normalise(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the items as sorted text without random values."""
    texts = []
    for item in items:
        doc = json.loads(item["doc"])
        text = re.sub(r"\bu_[\w-]{16}", STAFF, json.dumps({**item, "doc": doc}, sort_keys=True))
        for name, value in (("uid", doc.get("uid")), ("id", doc.get("id")), ("rev", item["rev"])):
            text = text.replace(value, name) if value else text
        texts.append(text)
    return sorted(texts)


def _items_of(items: Iterable[Mapping[str, Any]], *keys: str) -> list[Mapping[str, Any]]:
    return [item for item in items if str(item["pk"]).partition("#")[2] in keys]


@pytest.mark.parametrize("index", [1, 2, 80])
def test_generated_cat_equals_a_cat_created_by_a_request(engine_cafe: EngineApp, index: int) -> None:
    name = cat_name(index)
    generated = _items_of(generate_items(SMALL, NOW), name)
    cat = next(json.loads(str(item["doc"])) for item in generated if item["sk"] == "record" and "list_key" in item)
    engine_cafe.clock.now = NOW - timedelta(milliseconds=100) * (SMALL - index)
    body = {member: cat[member] for member in ("breed", "goodWith", "status")}
    assert engine_cafe.staff.put(f"/cats/{name}", body).status_code == 201
    assert _normalise(_items_of(map(unmarshal, scan(engine_cafe.table)), name)) == _normalise(generated)
    assert len(generated) == 3, "the cat, its history entry and its care card"


@pytest.mark.parametrize("index", [DUE_TODOS - 1, DUE_TODOS, DUE_TODOS + 1, DUE_TODOS + 2])
def test_generated_todo_equals_a_todo_created_by_a_request(engine_cafe: EngineApp, index: int) -> None:
    [generated] = _items_of(generate_items(SMALL, NOW), todo_id(index))
    todo = json.loads(str(generated["doc"]))
    engine_cafe.clock.now = at = NOW - timedelta(milliseconds=100) * (SMALL - index)
    engine_cafe.staff.put(f"/cats/{todo['cat']}", {})
    engine_cafe.clock.now -= TIME_TO_FINISH if todo.get("done") else timedelta()
    staff = engine_cafe.staff
    body = {member: todo[member] for member in ("title", "kind", "cat", "due") if member in todo}
    path = staff.post("/todos", body).headers["Location"]
    engine_cafe.clock.now = at
    if todo.get("done"):
        assert staff.send("POST", f"{path}/done").status_code == 200
    created = _items_of(map(unmarshal, scan(engine_cafe.table)), path.rpartition("/")[2])
    assert _normalise(created) == _normalise([generated])


def test_report_has_all_access_patterns(result: GrowthResult) -> None:
    page = render(result, describe_run())[REPORT]
    assert "$" not in page
    assert str(ROOT) not in page
    for pattern in SMALL_PATTERNS:
        assert page.count(f"| {pattern.title} ") == 2
        assert f"| {pattern.title}: `{pattern.path}` " in page
    assert "100 and 400 cats" in page


@pytest.mark.parametrize("path", [CAPACITY, TIME])
def test_chart_has_all_access_patterns_and_a_description(result: GrowthResult, path: Path) -> None:
    root = ElementTree.fromstring(render(result, describe_run())[path])
    svg = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in root.iter(f"{svg}text")]
    title, description = (root.findtext(f"{svg}{name}") for name in ("title", "desc"))
    assert title in texts
    assert root.get("aria-labelledby") == "title description"
    for pattern in SMALL_PATTERNS:
        assert pattern.title in texts
        assert f"{pattern.title}: " in str(description)
    lines = list(root.iter(f"{svg}polyline"))[2:]
    classes = ["grows" if pattern.grows_with else "flat" for pattern in SMALL_PATTERNS]
    assert [line.get("class") for line in lines] == classes
    for line in lines:
        (_, first), (_, last) = (point.split(",") for point in str(line.get("points")).split())
        assert float(last) < float(first) - 5 if line.get("class") == "grows" and path == CAPACITY else True
