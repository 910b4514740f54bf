"""Pages of one or more key ranges are merged in one order, without duplicates or gaps, at a bounded cost."""

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


class CountingTable(Table):
    """A table that records the number of items of each query."""

    @classmethod
    def of(cls, table: Table) -> CountingTable:
        """Return a counting table with the client of another one."""
        counting = cls(table.client, table.name)
        counting.counts = []
        return counting

    counts: list[int]

    def query(self, span: KeyRange, limit: int) -> tuple[list[Item], bool]:
        """Query, and record the number of items."""
        items, more = super().query(span, limit)
        self.counts.append(len(items))
        return items, more


def put(table: Table, item: Item) -> None:
    """Put an item without a condition."""
    table.transact([TransactItem("Put", item, UNCONDITIONAL)], str(item["pk"]))


def put_cats(table: Table, partition: str, names: Sequence[str]) -> None:
    """Put cats into a partition of the index."""
    items = [{"pk": f"cats#{name}", "sk": "record", "list_key": partition, "by_name": name} for name in names]
    table.transact([TransactItem("Put", item, UNCONDITIONAL) for item in items], f"put {partition}")


def page(
    table: Table,
    position: str | None = None,
    limit: int = 5,
    matches: Matches = None,
    *,
    partitions: str = "ab",
    reverse: bool = False,
) -> Page[str]:
    """Return a page of the names in some partitions, each of one letter."""
    ranges = [KeyRange(INDEX, partition, reverse=reverse) for partition in partitions]
    return read_page(table, ranges, position, limit, lambda item: cast(str, item["by_name"]), matches)


def all_pages(table: Table, limit: int, matches: Matches = None, *, reverse: bool = False) -> list[list[str]]:
    """Return the names on each page."""
    pages = [page(table, None, limit, matches, reverse=reverse)]
    while pages[-1].position is not None:
        assert len(pages) < 100, "the number of pages is finite"
        pages.append(page(table, pages[-1].position, limit, matches, reverse=reverse))
    return [page.items for page in pages]


@pytest.mark.parametrize("reverse", [False, True])
def test_two_ranges_are_merged_for_any_page_size(mocked_table: Table, reverse: bool) -> None:
    put_cats(mocked_table, "a", EVEN)
    put_cats(mocked_table, "b", ODD)
    expected = NAMES[::-1] if reverse else NAMES
    for limit in (1, 2, 7, 22, 23, 24, 100):
        pages = all_pages(mocked_table, limit, reverse=reverse)
        assert pages == [expected[i : i + limit] for i in range(0, len(expected), limit)]


@pytest.mark.parametrize(("first", "second"), [(NAMES[:11], NAMES[11:]), (NAMES[11:], NAMES[:11]), (NAMES, [])])
def test_disjoint_or_empty_ranges_are_merged(mocked_table: Table, first: list[str], second: list[str]) -> None:
    put_cats(mocked_table, "a", first)
    put_cats(mocked_table, "b", second)
    assert all_pages(mocked_table, 4) == [NAMES[i : i + 4] for i in range(0, len(NAMES), 4)]


def test_empty_page_is_the_last_page(mocked_table: Table) -> None:
    assert page(mocked_table) == Page([], None)
    assert page(mocked_table, partitions="") == Page([], None)
    put_cats(mocked_table, "a", NAMES)
    assert page(mocked_table, partitions="c") == Page([], None)
    assert page(mocked_table, position=NAMES[-1]) == Page([], None)


def test_range_includes_both_bounds(mocked_table: Table) -> None:
    put_cats(mocked_table, "a", NAMES)
    for reverse, expected in ((False, NAMES[3:6]), (True, NAMES[5:2:-1])):
        span = KeyRange(INDEX, "a", NAMES[3], NAMES[5], reverse)
        page = read_page(mocked_table, [span], None, 10, lambda item: item["by_name"], None)
        assert (page.items, page.position) == (expected, None)
    prefix = KeyRange(INDEX, "a", "cat 01", "cat 01" + LAST)
    assert read_page(mocked_table, [prefix], "cat 017", 10, lambda item: item["by_name"], None).items == NAMES[18:20]


def test_position_outside_of_a_range_does_not_widen_it(mocked_table: Table) -> None:
    put_cats(mocked_table, "a", NAMES)
    for reverse, position, expected in ((False, NAMES[1], NAMES[3:6]), (True, NAMES[9], NAMES[5:2:-1])):
        span = KeyRange(INDEX, "a", NAMES[3], NAMES[5], reverse)
        assert read_page(mocked_table, [span], position, 10, lambda item: item["by_name"], None).items == expected


def test_cat_in_both_ranges_is_listed_once(mocked_table: Table) -> None:
    put_cats(mocked_table, "a", NAMES[:4])
    for name in NAMES[2:6]:
        put(mocked_table, {"pk": f"twin of {name}", "sk": "record", "list_key": "b", "by_name": name})
    assert all_pages(mocked_table, 100) == [NAMES[:6]]
    for limit in (1, 2, 3, 5, 6):
        assert [name for items in all_pages(mocked_table, limit) for name in items] == NAMES[:6]


@pytest.mark.parametrize("reverse", [False, True])
def test_position_of_a_deleted_cat_is_valid(mocked_table: Table, reverse: bool) -> None:
    put_cats(mocked_table, "a", EVEN)
    put_cats(mocked_table, "b", ODD)
    first = page(mocked_table, limit=5, reverse=reverse)
    assert first.position == first.items[-1]
    delete = TransactItem("Delete", {"pk": f"cats#{first.position}", "sk": "record"}, UNCONDITIONAL)
    mocked_table.transact([delete], "delete")
    rest = NAMES[:18][::-1] if reverse else NAMES[5:]
    assert page(mocked_table, first.position, 100, reverse=reverse).items == rest


def test_cat_created_between_two_pages_is_listed_if_it_sorts_after_the_position(mocked_table: Table) -> None:
    put_cats(mocked_table, "a", ["b", "d", "f"])
    first = page(mocked_table, limit=2)
    assert first == Page(["b", "d"], "d", first="b")
    put_cats(mocked_table, "b", ["a", "c", "e", "g"])
    assert page(mocked_table, first.position, 10) == Page(["e", "f", "g"], None, first="e")


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_rare_matches_are_all_listed_once(mocked_table: Table, limit: int) -> None:
    put_cats(mocked_table, "a", EVEN)
    put_cats(mocked_table, "b", ODD)
    wanted = {NAMES[0], NAMES[13], NAMES[14], NAMES[22]}
    pages = all_pages(mocked_table, limit, wanted.__contains__)
    assert [name for items in pages for name in items] == sorted(wanted)
    assert max(len(items) for items in pages) <= limit


def test_page_with_the_last_match_has_no_position_if_the_range_was_read_to_its_end(mocked_table: Table) -> None:
    put_cats(mocked_table, "a", NAMES)
    assert page(mocked_table, limit=2, matches=set(NAMES[:2]).__contains__, partitions="a").position is not None
    assert page(mocked_table, limit=5, matches=set(NAMES[:5]).__contains__, partitions="a") == Page(
        NAMES[:5], None, first=NAMES[0]
    )


@pytest.mark.parametrize("partitions", ["a", "ab"])
@pytest.mark.parametrize("limit", [1, 2])
def test_page_reads_at_most_ten_times_its_limit(mocked_table: Table, limit: int, partitions: str) -> None:
    put_cats(mocked_table, "a", [f"a {n:03}" for n in range(40)])
    put_cats(mocked_table, "b", [f"a {n:03} too" for n in range(40)])
    position, names, pages = None, set(), 0
    while pages == 0 or position is not None:
        table, pages = CountingTable.of(mocked_table), pages + 1
        previous = position
        position = page(
            table, position, limit, lambda name: names.add(name) is not None, partitions=partitions
        ).position
        assert sum(table.counts) <= limit * 10
        assert position is None or previous is None or position > previous, "each page advances the position"
    assert len(names) == 40 * len(partitions)
    assert pages > 1


def test_rare_match_needs_few_queries(mocked_table: Table) -> None:
    put_cats(mocked_table, "a", [f"a {n:03}" for n in range(90)])
    table = CountingTable.of(mocked_table)
    assert page(table, None, 10, "a 089".__eq__, partitions="a").items == ["a 089"]
    assert table.counts[:3] == [11, 23, 45]
    assert len(table.counts) <= 4
