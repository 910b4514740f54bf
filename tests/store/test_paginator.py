"""Pages out of one or more spans: merged, in one order, nothing twice and nothing skipped, at a bounded cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import pytest

from api.store.keys import LAST, KeyRange
from api.store.paginator import Page, read_page
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, Item, TransactItem

INDEX = "list-by_name"
NAMES = [f"cat {n:03}" for n in range(23)]
EVEN, ODD = NAMES[::2], NAMES[1::2]
Matches = Callable[[str], bool] | None


class Scales(Table):
    """A table that also tells how many items every query brought."""

    @classmethod
    def under(cls, table: Table) -> Scales:
        """Return the same table, weighed."""
        made = cls(table.client, table.name)
        made.brought = []
        return made

    brought: list[int]

    def query(self, span: KeyRange, limit: int) -> tuple[list[Item], bool]:
        """Ask the table, and remember how much came."""
        items, more = super().query(span, limit)
        self.brought.append(len(items))
        return items, more


def put(table: Table, item: Item) -> None:
    """Put one item, whatever was there."""
    table.transact([TransactItem("Put", item, UNCONDITIONAL)], str(item["pk"]))


def shelve(table: Table, shelf: str, names: Sequence[str]) -> None:
    """Put cats on a shelf."""
    for name in names:
        put(table, {"pk": f"cats#{name}", "sk": "record", "list_key": shelf, "by_name": name})


def page(
    table: Table,
    position: str | None = None,
    limit: int = 5,
    matches: Matches = None,
    *,
    shelves: str = "ab",
    reverse: bool = False,
) -> Page[str]:
    """Return a page of the names on some shelves."""
    spans = [KeyRange(INDEX, shelf, reverse=reverse) for shelf in shelves]
    return read_page(table, spans, position, limit, lambda item: cast(str, item["by_name"]), matches)


def pages(table: Table, limit: int, matches: Matches = None, *, reverse: bool = False) -> list[list[str]]:
    """Return all pages, from the first to the last."""
    found = [page(table, None, limit, matches, reverse=reverse)]
    while found[-1].position is not None:
        assert len(found) < 100, "the pages do not come to an end"
        found.append(page(table, found[-1].position, limit, matches, reverse=reverse))
    return [one.items for one in found]


@pytest.mark.parametrize("reverse", [False, True])
def test_two_spans_are_one_list_in_pages_of_any_size(mocked_table: Table, reverse: bool) -> None:
    shelve(mocked_table, "a", EVEN)
    shelve(mocked_table, "b", ODD)
    expected = NAMES[::-1] if reverse else NAMES
    for limit in (1, 2, 7, 22, 23, 24, 100):
        found = pages(mocked_table, limit, reverse=reverse)
        assert found == [expected[i : i + limit] for i in range(0, len(expected), limit)]


@pytest.mark.parametrize(("first", "second"), [(NAMES[:11], NAMES[11:]), (NAMES[11:], NAMES[:11]), (NAMES, [])])
def test_one_span_may_lie_behind_the_other_or_be_empty(
    mocked_table: Table, first: list[str], second: list[str]
) -> None:
    shelve(mocked_table, "a", first)
    shelve(mocked_table, "b", second)
    assert pages(mocked_table, 4) == [NAMES[i : i + 4] for i in range(0, len(NAMES), 4)]


def test_where_there_is_nothing_the_first_page_is_the_last(mocked_table: Table) -> None:
    assert page(mocked_table) == Page([], None)
    assert page(mocked_table, shelves="") == Page([], None)
    shelve(mocked_table, "a", NAMES)
    assert page(mocked_table, shelves="c") == Page([], None)
    assert page(mocked_table, position=NAMES[-1]) == Page([], None)


def test_a_span_has_its_bounds_and_both_belong_to_it(mocked_table: Table) -> None:
    shelve(mocked_table, "a", NAMES)
    for reverse, expected in ((False, NAMES[3:6]), (True, NAMES[5:2:-1])):
        span = KeyRange(INDEX, "a", NAMES[3], NAMES[5], reverse)
        found = read_page(mocked_table, [span], None, 10, lambda item: item["by_name"], None)
        assert found == Page(expected, None)
    prefix = KeyRange(INDEX, "a", "cat 01", "cat 01" + LAST)
    assert read_page(mocked_table, [prefix], "cat 017", 10, lambda item: item["by_name"], None).items == NAMES[18:20]


def test_a_position_before_its_span_does_not_widen_it(mocked_table: Table) -> None:
    shelve(mocked_table, "a", NAMES)
    for reverse, position, expected in ((False, NAMES[1], NAMES[3:6]), (True, NAMES[9], NAMES[5:2:-1])):
        span = KeyRange(INDEX, "a", NAMES[3], NAMES[5], reverse)
        assert read_page(mocked_table, [span], position, 10, lambda item: item["by_name"], None).items == expected


def test_who_goes_from_one_shelf_to_another_while_they_are_read_is_listed_once(mocked_table: Table) -> None:
    shelve(mocked_table, "a", NAMES[:4])
    for name in NAMES[2:6]:
        put(mocked_table, {"pk": f"twin of {name}", "sk": "record", "list_key": "b", "by_name": name})
    assert pages(mocked_table, 100) == [NAMES[:6]]
    for limit in (1, 2, 3, 5, 6):
        assert [name for items in pages(mocked_table, limit) for name in items] == NAMES[:6]


@pytest.mark.parametrize("reverse", [False, True])
def test_the_position_need_not_be_there_any_more(mocked_table: Table, reverse: bool) -> None:
    shelve(mocked_table, "a", EVEN)
    shelve(mocked_table, "b", ODD)
    first = page(mocked_table, limit=5, reverse=reverse)
    assert first.position == first.items[-1]
    gone = TransactItem("Delete", {"pk": f"cats#{first.position}", "sk": "record"}, UNCONDITIONAL)
    mocked_table.transact([gone], "gone")
    rest = NAMES[:18][::-1] if reverse else NAMES[5:]
    assert page(mocked_table, first.position, 100, reverse=reverse).items == rest


def test_who_comes_between_two_pages_is_seen_if_her_place_is_still_ahead(mocked_table: Table) -> None:
    shelve(mocked_table, "a", ["b", "d", "f"])
    first = page(mocked_table, limit=2)
    assert first == Page(["b", "d"], "d")
    shelve(mocked_table, "b", ["a", "c", "e", "g"])
    assert page(mocked_table, first.position, 10) == Page(["e", "f", "g"], None)


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_a_filter_that_few_pass_finds_all_of_them_and_each_once(mocked_table: Table, limit: int) -> None:
    shelve(mocked_table, "a", EVEN)
    shelve(mocked_table, "b", ODD)
    wanted = {NAMES[0], NAMES[13], NAMES[14], NAMES[22]}
    found = pages(mocked_table, limit, wanted.__contains__)
    assert [name for items in found for name in items] == sorted(wanted)
    assert max(len(items) for items in found) <= limit


def test_the_page_behind_the_last_match_is_not_promised(mocked_table: Table) -> None:
    shelve(mocked_table, "a", NAMES)
    assert page(mocked_table, limit=2, matches=set(NAMES[:2]).__contains__, shelves="a").position is not None
    assert page(mocked_table, limit=5, matches=set(NAMES[:5]).__contains__, shelves="a") == Page(NAMES[:5], None)


@pytest.mark.parametrize("shelves", ["a", "ab"])
@pytest.mark.parametrize("limit", [1, 2])
def test_a_page_reads_ten_times_its_limit_and_no_more(mocked_table: Table, limit: int, shelves: str) -> None:
    shelve(mocked_table, "a", [f"a {n:03}" for n in range(40)])
    shelve(mocked_table, "b", [f"a {n:03} too" for n in range(40)])
    position, seen, turns = None, set(), 0
    while turns == 0 or position is not None:
        scales, turns = Scales.under(mocked_table), turns + 1
        before = position
        position = page(scales, position, limit, lambda name: seen.add(name) is not None, shelves=shelves).position
        assert sum(scales.brought) <= limit * 10
        assert position is None or before is None or position > before, "a short page goes on"
    assert len(seen) == 40 * len(shelves)
    assert turns > 1


def test_a_rare_match_costs_few_round_trips(mocked_table: Table) -> None:
    shelve(mocked_table, "a", [f"a {n:03}" for n in range(90)])
    scales = Scales.under(mocked_table)
    assert page(scales, None, 10, "a 089".__eq__, shelves="a").items == ["a 089"]
    assert scales.brought[:3] == [11, 23, 45]
    assert len(scales.brought) <= 4
