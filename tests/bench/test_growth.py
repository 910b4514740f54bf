"""make growth: it measures what lies in the table as requests leave it, and it finds out what grows with the café."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
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
from bench.growth.filling import fill
from bench.growth.measure import measure
from bench.growth.page import CAPACITY, PAGE, TIME, begin, documents
from bench.growth.patterns import PATTERNS, Pattern
from bench.growth.population import BEFORE, DUE, cat_name, items, todo_id
from bench.growth.run import FLAT, TOLD, Run
from bench.pages import ROOT
from tests.support.engine_app import EngineApp, create_engine_app
from tests.support.mutants import ScansTheTable
from tools.cli import CliError
from tools.local.dynamodb import DynamoDBEmulator
from tools.tables import scan

SMALL, LARGE = 100, 400
FEW = [replace(pattern, page=min(pattern.page, 3)) for pattern in PATTERNS]
"""The hundredth page of a small café is its third."""
NOW = datetime.now(UTC).replace(microsecond=1)


@pytest.fixture(scope="module")
def run() -> Run:
    """A small run of all there is."""
    return measure((SMALL, LARGE), FEW, repeats=2)


def named(*names: str) -> Sequence[Pattern]:
    return [pattern for pattern in FEW if pattern.name in names]


def test_reading_costs_the_same_in_a_café_of_any_size(run: Run) -> None:
    assert run.grown() == []
    found = {pattern.name: run.verdict(pattern) for pattern in run.patterns}
    assert found == {pattern.name: TOLD if pattern.grows_with else FLAT for pattern in FEW}
    for pattern in FEW:
        small, large = run.costs[pattern.name]
        assert small is not None
        assert large is not None
        assert pattern.grows_with or (small.units, small.calls, small.items) == (large.units, large.calls, large.items)
        assert small.ms > 0
        assert large.ms > 0


def test_each_pattern_has_a_line(run: Run) -> None:
    assert "growth get_cat 0.5 0.5 flat" in run.lines()
    assert [line.split()[:2] for line in run.lines()] == [["growth", pattern.name] for pattern in FEW]


def test_a_page_that_is_not_there_is_not_measured() -> None:
    [late] = named("hundredth_page")
    run = measure((DUE, SMALL), [replace(late, page=3)], repeats=1)
    assert run.costs[late.name][0] is None
    assert run.lines() == ["growth hundredth_page n/a 1.5 flat"]


def test_a_store_that_scans_is_found_out() -> None:
    run = measure((SMALL, SMALL * 2), named("get_cat", "first_page", "filter_place", "history"), 1, ScansTheTable)
    assert run.grown() == ["first_page", "filter_place", "history"]


def _stays(todo: Todo) -> Mapping[str, str]:
    place = {"filter1_key": RELEVANT_TODOS, "by_time": f"{keys.timestamp_key(todo.created)}#{todo.id}"}
    return {**TODO.index_attributes(todo), **place} if todo.done else TODO.index_attributes(todo)


def test_a_place_where_what_is_done_stays_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.growth.population.TODO", msgspec.structs.replace(TODO, index_attributes=_stays))
    run = measure((SMALL, LARGE), named("next_todo", "todos_first"), repeats=1)
    assert run.grown() == ["next_todo"]


def test_a_request_that_fails_is_no_measurement() -> None:
    wrong = Pattern("wrong", "GET nobody", "/cats/nobody", "public")
    with pytest.raises(CliError, match="Nothing is measured: GET /cats/nobody answered 404"):
        measure((DUE,), [wrong], repeats=1)


class CostsMore(Table):
    """Reads once more each time."""

    times = 0

    def get(self, key: keys.Key, *, consistent: bool) -> Item | None:
        """Read, and read again."""
        CostsMore.times += 1
        for _ in range(CostsMore.times):
            super().get(key, consistent=consistent)
        return super().get(key, consistent=consistent)


def test_what_costs_something_else_each_time_is_no_measurement() -> None:
    with pytest.raises(CliError, match="get_cat does not cost the same each time"):
        measure((DUE,), named("get_cat"), repeats=2, table=CostsMore)


def _rows(database: Path, table: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of a table and of its indexes, with JSON as what it says: the engine does not sort members."""
    with sqlite3.connect(database) as connection:
        kept = connection.execute("SELECT name, sql FROM sqlite_master WHERE name LIKE ? ORDER BY name", [f"{table}%"])
        found: dict[str, list[tuple[Any, ...]]] = {name: [(sql,)] for name, sql in kept}
        for name in [name for name, [(sql,)] in found.items() if sql.startswith("CREATE TABLE")]:
            rows = connection.execute(f'SELECT * FROM "{name}" ORDER BY 1, 2').fetchall()
            found[name] += [tuple(map(_read, row)) for row in rows]
    connection.close()
    return found


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value


def test_what_is_imported_lies_as_the_engine_itself_writes_it(tmp_path: Path) -> None:
    known, name = list(items(40, NOW)), "clowder-same"
    assert fill(tmp_path / "imported.db", name, known) == len(known)
    with DynamoDBEmulator(tmp_path / "written.db") as engine:
        cafe = create_engine_app(engine.url, name)
        coming = iter(known)
        while some := list(islice(coming, 100)):
            cafe.table.transact([TransactItem("Put", item, UNCONDITIONAL) for item in some], str(some[0]["rev"]))
        cafe.close()
    imported, written = (_rows(tmp_path / file, name) for file in ("imported.db", "written.db"))
    assert len(imported[name]) == len(known) + 1
    assert len(imported[f"{name}::gsi::list-by_name"]) == 40 + 1
    assert imported == written


@pytest.mark.parametrize("member", ["doc", "filter1_key"])
def test_an_item_that_lies_otherwise_is_found_out(tmp_path: Path, member: str) -> None:
    known, name = list(items(DUE, NOW)), "clowder-other"
    other = [*known[:-1], {**known[-1], member: '{"id": "another"}'}]
    for file, some in (("known.db", known), ("other.db", other)):
        fill(tmp_path / file, name, some)
    assert _rows(tmp_path / "known.db", name) != _rows(tmp_path / "other.db", name)
    assert _same(known[-1:]) != _same([known[-1] | {member: '{"id": "another"}'}])


def test_an_import_that_leaves_something_out_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(CliError, match="has not imported 2 items"):
        fill(tmp_path / "cafe.db", "clowder-broken", [{"pk": "cats#luna", "sk": "record"}, {"pk": "cats#milo"}])


def _same(found: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return items as text, without what is random in them."""
    told = []
    for item in found:
        doc = json.loads(item["doc"])
        text = json.dumps({**item, "doc": doc}, sort_keys=True)
        for name, made in (("uid", doc.get("uid")), ("id", doc.get("id")), ("rev", item["rev"])):
            text = text.replace(made, name) if made else text
        told.append(text)
    return sorted(told)


def _kept(known: Iterable[Mapping[str, Any]], *keys: str) -> list[Mapping[str, Any]]:
    return [item for item in known if str(item["pk"]).partition("#")[2] in keys]


@pytest.mark.parametrize("place", [1, 2, 80])
def test_a_cat_lies_as_a_request_leaves_her(engine_cafe: EngineApp, place: int) -> None:
    name = cat_name(place)
    known = _kept(items(SMALL, NOW), name)
    cat = next(json.loads(str(item["doc"])) for item in known if item["sk"] == "record" and "list_key" in item)
    engine_cafe.clock.now = NOW - timedelta(milliseconds=100) * (SMALL - place)
    body = {member: cat[member] for member in ("breed", "goodWith", "status")}
    assert engine_cafe.staff.put(f"/cats/{name}", body).status_code == 201
    assert _same(_kept(map(unmarshal, scan(engine_cafe.table)), name)) == _same(known)
    assert len(known) == 3, "herself, her history, her care card"


@pytest.mark.parametrize("place", [DUE - 1, DUE, DUE + 1, DUE + 2])
def test_a_to_do_lies_as_a_request_leaves_it(engine_cafe: EngineApp, place: int) -> None:
    [known] = _kept(items(SMALL, NOW), todo_id(place))
    todo = json.loads(str(known["doc"]))
    engine_cafe.clock.now = at = NOW - timedelta(milliseconds=100) * (SMALL - place)
    engine_cafe.staff.put(f"/cats/{todo['cat']}", {})
    engine_cafe.clock.now -= BEFORE if todo.get("done") else timedelta()
    staff = engine_cafe.staff
    body = {member: todo[member] for member in ("title", "kind", "cat", "due") if member in todo}
    path = staff.post("/todos", body).headers["Location"]
    engine_cafe.clock.now = at
    if todo.get("done"):
        assert staff.send("POST", f"{path}/done").status_code == 200
    made = _kept(map(unmarshal, scan(engine_cafe.table)), path.rpartition("/")[2])
    assert _same(made) == _same([known])


def test_the_page_says_what_was_measured(run: Run) -> None:
    page = documents(run, begin())[PAGE]
    assert "$" not in page
    assert str(ROOT) not in page
    for pattern in FEW:
        assert page.count(f"| {pattern.says} ") == 2
        assert f"| {pattern.says}: `{pattern.path}` " in page
    assert "100 and 400 cats" in page


@pytest.mark.parametrize("path", [CAPACITY, TIME])
def test_a_picture_is_one_that_everybody_can_read(run: Run, path: Path) -> None:
    root = ElementTree.fromstring(documents(run, begin())[path])
    svg = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in root.iter(f"{svg}text")]
    title, told = (root.findtext(f"{svg}{name}") for name in ("title", "desc"))
    assert title in texts
    assert root.get("aria-labelledby") == "title told"
    for pattern in FEW:
        assert pattern.says in texts
        assert f"{pattern.says}: " in str(told)
    lines = list(root.iter(f"{svg}polyline"))[2:]
    assert [line.get("class") for line in lines] == ["grows" if pattern.grows_with else "flat" for pattern in FEW]
    for line in lines:
        (_, first), (_, last) = (point.split(",") for point in str(line.get("points")).split())
        assert float(last) < float(first) - 5 if line.get("class") == "grows" and path == CAPACITY else True
