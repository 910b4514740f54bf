"""A list that is read while other clients write has no cat twice and misses no cat that exists throughout."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from api.store.keys import KeyRange
from api.store.paginator import Page
from api.store.table import Table
from api.store.transaction import Item
from tests.support.app import Client
from tests.support.bulk_load import iter_pages, load_cats
from tests.support.engine_app import EngineApp

PAIRS = 24
LIMIT = 4
PAGES_WITH_WRITES = 6
LISTS = ("", "sort=name", "sort=newest", "sort=age", "status=available", "goodWith.children=yes", "ageGroup=senior")


def cat(cafe: EngineApp, number: int, name: str) -> dict[str, Any]:
    """Return the body of a cat that is on every list: old, available and good with children."""
    born = cafe.clock.now.date() - timedelta(days=4000 + 7 * (number % 9))
    return {
        "name": name,
        "status": "available",
        "birthDate": born.isoformat(),
        "goodWith": {"children": "yes"},
    }


class Writer:
    """Creates and deletes cats between the pages."""

    def __init__(self, cafe: EngineApp) -> None:
        self._cafe, self._staff = cafe, cafe.staff
        self.permanent = [f"m{number:02} permanent" for number in range(PAIRS)]
        self._temporary = [f"m{number:02} temporary" for number in range(PAIRS)]
        pairs = enumerate(zip(self.permanent, self._temporary, strict=True))
        load_cats(cafe, (cat(cafe, number, name) for number, pair in pairs for name in pair))

    def write(self, number: int, page: list[str]) -> None:
        """Delete two cats after an even page, and create three after an odd one, before and behind the cursor."""
        self._cafe.clock.advance(seconds=1)
        if number % 2:
            for name in (f"a{number} new", f"{page[-1]} b{number} new", f"z{number} new"):
                assert self._staff.put(f"/cats/{name}", cat(self._cafe, number, name)).status_code == 201
            return
        already_read = [name for name in reversed(page) if name in self._temporary]
        unread = [name for name in self._temporary if name not in page]
        for name in (already_read[0], unread[len(unread) // 2]):
            self._temporary.remove(name)
            assert self._staff.delete(f"/cats/{name}").status_code == 204


def create_and_delete_cats(cafe: EngineApp, role: str, query: str) -> None:
    """Read a list while cats are created and deleted."""
    writer, names, client = Writer(cafe), Counter[str](), getattr(cafe, role)
    for number, page in enumerate(iter_pages(client, f"/cats?{query}&limit={LIMIT}")):
        names.update(page)
        if number < PAGES_WITH_WRITES:
            writer.write(number, page)
    assert not [name for name, times in names.items() if times > 1], "no cat is listed twice"
    assert not [name for name in writer.permanent if name not in names], "no permanent cat is missing"


def change_visibility(cafe: EngineApp, order: str) -> None:
    """Read the list of all cats while some become public and some become hidden, before and behind the cursor."""
    writer, names, client = Writer(cafe), Counter[str](), cafe.staff
    status: dict[str, str] = {}
    for page in iter_pages(client, f"/cats?sort={order}&limit={LIMIT}"):
        names.update(page)
        for name in (page[-1], writer.permanent[len(names) % PAIRS], writer.permanent[-1 - len(names) // 4]):
            status[name] = "adopted" if status.get(name) != "adopted" else "available"
            response = client.patch(f"/cats/{name}", {"status": status[name]}, if_match="*")
            assert response.status_code == 200
    assert not [name for name, times in names.items() if times > 1], "no cat is listed twice"
    assert len(names) == 2 * PAIRS, "no cat is missing"


def check_merged_lists(cafe: EngineApp) -> None:
    """Check that staff read public and hidden cats in one order, and that the public reads public cats only."""
    bodies = [cat(cafe, number, f"m{number:02}") for number in range(PAIRS)]
    for hidden in bodies[1::2]:
        hidden["status"] = "quarantine"
    names = load_cats(cafe, bodies)
    birth_dates = {body["name"]: body["birthDate"] for body in bodies}
    for client, expected in ((cafe.staff, names), (cafe.public, names[::2])):
        by_name, newest = (_names(client, order) for order in ("name", "newest"))
        assert (by_name, newest) == (expected, expected[::-1])
        youngest_first = sorted((birth_dates[name] for name in expected), reverse=True)
        assert [birth_dates[name] for name in _names(client, "age")] == youngest_first


def _names(client: Client, order: str) -> list[str]:
    return [name for page in iter_pages(client, f"/cats?sort={order}&limit={LIMIT}") for name in page]


@pytest.mark.parametrize("query", LISTS)
@pytest.mark.parametrize("role", ["public", "staff"])
def test_list_is_complete_while_cats_are_created_and_deleted(cafe: EngineApp, role: str, query: str) -> None:
    create_and_delete_cats(cafe, role, query)


@pytest.mark.parametrize("order", ["name", "newest", "age"])
def test_staff_list_is_complete_while_visibility_changes(cafe: EngineApp, order: str) -> None:
    change_visibility(cafe, order)


def test_staff_list_merges_public_and_hidden_cats_in_one_order(cafe: EngineApp) -> None:
    check_merged_lists(cafe)


def test_cat_whose_visibility_changes_between_the_queries_of_a_page_is_listed_once(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = load_cats(cafe, (cat(cafe, number, f"m{number}") for number in range(3)))
    client, query = cafe.staff, cafe.table.query
    changes = iter([partial(client.patch, f"/cats/{names[1]}", {"status": "adopted"}, if_match="*")])

    def query_and_change(span: KeyRange, limit: int) -> tuple[list[Item], bool]:
        result = query(span, limit)
        for change in changes:
            assert change().status_code == 200
        return result

    monkeypatch.setattr(cafe.table, "query", query_and_change)
    assert _names(cafe.staff, "name") == names


def _read_page_by_offset(
    table: Table,
    spans: Sequence[KeyRange],
    position: str | None,
    limit: int,
    read: Callable[[Item], Any],
    matches: Callable[[Any], bool] | None,
    merged: bool = True,
    looks_ahead: bool = True,
) -> Page[Any]:
    """Read a page that begins at an offset, instead of after a key."""
    offset = int(position or 0)
    items = [item for span in spans for item in table.query(span, 1000)[0]]
    if merged:
        items.sort(key=lambda item: item[spans[0].sort], reverse=spans[0].reverse)
    entities = [entity for entity in map(read, items) if matches is None or matches(entity)]
    end = offset + limit
    return Page(entities[offset:end], str(end) if entities[end:] else None)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("sort=name", "no cat is listed twice|no permanent cat is missing"),
        ("sort=newest", "no cat is listed twice"),
        ("sort=age", "no cat is listed twice|no permanent cat is missing"),
    ],
)
@pytest.mark.parametrize("role", ["public", "staff"])
def test_pagination_by_offset_is_detected(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, role: str, query: str, message: str
) -> None:
    monkeypatch.setattr("api.store.repository.read_page", _read_page_by_offset)
    with pytest.raises(AssertionError, match=message):
        create_and_delete_cats(cafe, role, query)


def test_unmerged_staff_list_is_detected(cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.store.repository.read_page", partial(_read_page_by_offset, merged=False))
    with pytest.raises(AssertionError):
        check_merged_lists(cafe)
