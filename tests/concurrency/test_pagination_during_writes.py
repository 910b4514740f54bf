"""Pages while others write: nobody is there twice and nobody who stays is skipped, in any order, on both shelves."""

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

HERD = 24
LIMIT = 4
BUSY = 6
"""Between how many pages others write."""
LISTS = ("", "sort=name", "sort=newest", "sort=age", "status=available", "goodWith.children=yes", "ageGroup=senior")


def cat(cafe: EngineApp, number: int, name: str) -> dict[str, Any]:
    """Return a cat who is on every list: old, available and good with children."""
    born = cafe.clock.now.date() - timedelta(days=4000 + 7 * (number % 9))
    return {
        "name": name,
        "status": "available",
        "birthDate": born.isoformat(),
        "goodWith": {"children": "yes"},
    }


class Others:
    """Those who write between the pages."""

    def __init__(self, cafe: EngineApp) -> None:
        self._cafe, self._staff = cafe, cafe.staff
        self.stay = [f"m{number:02} stays" for number in range(HERD)]
        self._go = [f"m{number:02} goes" for number in range(HERD)]
        both = zip(self.stay, self._go, strict=True)
        load_cats(cafe, (cat(cafe, number, name) for number, two in enumerate(both) for name in two))

    def write(self, number: int, page: list[str]) -> None:
        """After one page let two go, after the next let some come: before and behind the place where it goes on."""
        self._cafe.clock.advance(seconds=1)
        if number % 2:
            for name in (f"a{number} came", f"{page[-1]} b{number} came", f"z{number} came"):
                assert self._staff.put(f"/cats/{name}", cat(self._cafe, number, name)).status_code == 201
            return
        just_read = [name for name in reversed(page) if name in self._go]
        to_come = [name for name in self._go if name not in page]
        for name in (just_read[0], to_come[len(to_come) // 2]):
            self._go.remove(name)
            assert self._staff.delete(f"/cats/{name}").status_code == 204


def stayers_are_seen_once(cafe: EngineApp, who: str, filters: str) -> None:
    """Read a list page by page while others write: nobody is there twice, and nobody who stays is missing."""
    others, seen, caller = Others(cafe), Counter[str](), getattr(cafe, who)
    for number, page in enumerate(iter_pages(caller, f"/cats?{filters}&limit={LIMIT}")):
        seen.update(page)
        if number < BUSY:
            others.write(number, page)
    assert not [name for name, times in seen.items() if times > 1], "nobody is there twice"
    assert not [name for name in others.stay if name not in seen], "nobody who stays is skipped"


def those_who_change_shelves_are_seen_once(cafe: EngineApp, order: str) -> None:
    """Let the staff read all cats while some become public and some cease to be, before and behind the place."""
    others, seen, caller = Others(cafe), Counter[str](), cafe.staff
    status: dict[str, str] = {}
    for page in iter_pages(caller, f"/cats?sort={order}&limit={LIMIT}"):
        seen.update(page)
        for name in (page[-1], others.stay[len(seen) % HERD], others.stay[-1 - len(seen) // 4]):
            status[name] = "adopted" if status.get(name) != "adopted" else "available"
            answer = caller.patch(f"/cats/{name}", {"status": status[name]}, if_match="*")
            assert answer.status_code == 200
    assert not [name for name, times in seen.items() if times > 1], "nobody is there twice"
    assert len(seen) == 2 * HERD, "nobody is skipped"


def both_shelves_are_merged(cafe: EngineApp) -> None:
    """Put every other cat on the other shelf: the staff reads both in one order, the public one of them."""
    herd = [cat(cafe, number, f"m{number:02}") for number in range(HERD)]
    for hidden in herd[1::2]:
        hidden["status"] = "quarantine"
    names = load_cats(cafe, herd)
    for caller, expected in ((cafe.staff, names), (cafe.public, names[::2])):
        by_name, newest = (_read(caller, order) for order in ("name", "newest"))
        assert (by_name, newest) == (expected, expected[::-1])
        born = {one["name"]: one["birthDate"] for one in herd}
        assert [born[name] for name in _read(caller, "age")] == sorted((born[name] for name in expected), reverse=True)


def _read(caller: Client, order: str) -> list[str]:
    return [name for page in iter_pages(caller, f"/cats?sort={order}&limit={LIMIT}") for name in page]


@pytest.mark.parametrize("filters", LISTS)
@pytest.mark.parametrize("who", ["public", "staff"])
def test_nobody_is_there_twice_and_nobody_who_stays_is_skipped_while_others_come_and_go(
    cafe: EngineApp, who: str, filters: str
) -> None:
    stayers_are_seen_once(cafe, who, filters)


@pytest.mark.parametrize("order", ["name", "newest", "age"])
def test_the_staff_sees_everybody_once_while_cats_become_public_or_cease_to_be(cafe: EngineApp, order: str) -> None:
    those_who_change_shelves_are_seen_once(cafe, order)


def test_the_staff_reads_both_shelves_in_one_order(cafe: EngineApp) -> None:
    both_shelves_are_merged(cafe)


def test_a_cat_who_changes_shelves_between_the_two_reads_of_a_page_is_not_there_twice(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = load_cats(cafe, (cat(cafe, number, f"m{number}") for number in range(3)))
    caller, query = cafe.staff, cafe.table.query
    moves = iter([partial(caller.patch, f"/cats/{names[1]}", {"status": "adopted"}, if_match="*")])

    def then_she_moves(span: KeyRange, limit: int) -> tuple[list[Item], bool]:
        found = query(span, limit)
        for move in moves:
            assert move().status_code == 200
        return found

    monkeypatch.setattr(cafe.table, "query", then_she_moves)
    assert _read(cafe.staff, "name") == names


def _by_number(
    table: Table,
    spans: Sequence[KeyRange],
    position: str | None,
    limit: int,
    read: Callable[[Item], Any],
    matches: Callable[[Any], bool] | None,
    merged: bool = True,
) -> Page[Any]:
    """Begin a page at the number of its first item, as many programs do."""
    first = int(position or 0)
    found = [item for span in spans for item in table.query(span, 1000)[0]]
    if merged:
        found.sort(key=lambda item: item[spans[0].sort], reverse=spans[0].reverse)
    things = [thing for thing in map(read, found) if matches is None or matches(thing)]
    return Page(things[first : first + limit], str(first + limit) if things[first + limit :] else None)


@pytest.mark.parametrize(
    ("filters", "told"),
    [("sort=name", "nobody"), ("sort=newest", "nobody is there twice"), ("sort=age", "nobody")],
)
@pytest.mark.parametrize("who", ["public", "staff"])
def test_pages_that_begin_at_a_number_are_caught(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, who: str, filters: str, told: str
) -> None:
    monkeypatch.setattr("api.store.repository.read_page", _by_number)
    with pytest.raises(AssertionError, match=told):
        stayers_are_seen_once(cafe, who, filters)


def test_one_shelf_after_the_other_is_caught(cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.store.repository.read_page", partial(_by_number, merged=False))
    with pytest.raises(AssertionError):
        both_shelves_are_merged(cafe)
