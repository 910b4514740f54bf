"""A list reads what it returns: no scan, at most ten items for each one asked for, and no more in a larger herd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from api.context import Context
from api.domain.cats import Cat
from api.resources.cats import CatList
from api.services.cats import CATS, list_query
from api.services.entity_service import Predicate
from api.store.keys import KeyRange
from tests.support.app import Client
from tests.support.bulk_load import iter_pages, load_cats
from tests.support.capacity import measure_capacity
from tests.support.engine_app import EngineApp, MakeEngineApp
from tests.support.mutants import ScansTheTable
from tools.local.dynamodb import DynamoDBEmulator

HERD, LARGE, SMALL = 300, 400, 40
LIMIT = 5
PLACES = ("status=trial", "goodWith.children=over5", "name=rare", "ageGroup=baby")
"""The filters that people use most: what they ask for stands in one place."""
SORTED = [f"{place}&sort={sort}" for place in PLACES[:2] for sort in ("name", "newest")]
SEARCHES = ("breed=siamese", "goodWith.dogs=yes", "status=trial&sex=male", "bonded=true", "ageGroup=baby&sort=name")
"""Filters for which a page has to look at cats that it does not return."""


def cat(cafe: EngineApp, number: int) -> dict[str, Any]:
    """Return one of a herd: one in twenty is rare in every way, and one in three of the others is not public."""
    common = {"name": f"cat {number}", "status": "adopted" if number % 3 == 1 else "available"}
    if number % 20 != 7:
        return common | {"birthDate": "2020-02-02", "goodWith": {"children": "no"}}
    born = (cafe.clock.now - timedelta(days=90)).date().isoformat()
    rare = {"name": f"rare {number}", "status": "trial", "birthDate": born, "sex": "female"}
    return rare | {"breed": {"primary": "siamese"}, "goodWith": {"children": "over5", "dogs": "yes"}}


def _callers(cafe: EngineApp) -> dict[str, Client]:
    return {"public": cafe.public, "staff": cafe.staff}


def pages_are_full(cafe: EngineApp, filters: Sequence[str] = (*PLACES, *SORTED)) -> None:
    """Go through the lists of what stands in one place: every page but the last is full."""
    for caller in _callers(cafe).values():
        for wanted in filters:
            pages = list(iter_pages(caller, f"/cats?{wanted}&limit={LIMIT}"))
            assert [len(page) for page in pages] == [LIMIT] * (HERD // 20 // LIMIT), f"pages of {wanted} are full"


def a_page_reads_a_bounded_number(cafe: EngineApp, limits: Sequence[int] = (1, LIMIT, 20)) -> None:
    """Go through lists with any filter: each page keeps to its budget, and together they find everything."""
    for caller in _callers(cafe).values():
        for wanted in (*PLACES, *SEARCHES, "sort=age", "name=zz"):
            for limit in limits:
                _keeps_to_its_budget(cafe, caller, f"/cats?{wanted}&limit={limit}", limit)


def _keeps_to_its_budget(cafe: EngineApp, caller: Client, path: str, limit: int) -> None:
    onward: str | None = path
    for _ in range(3):
        answer, cost = measure_capacity(cafe, partial(caller.get, str(onward)))
        assert cost.items <= 10 * limit, f"{path} reads at most ten items for each one asked for"
        assert "Scan" not in cost.calls, f"{path} does not scan"
        assert cost.written == 0
        onward = answer.get_json().get("next")
        if onward is None:
            return


def every_match_is_found(cafe: EngineApp) -> None:
    """Go through short pages to the end: all cats that match were on one of them."""
    for caller in _callers(cafe).values():
        for wanted in (*PLACES, "breed=siamese", "goodWith.dogs=yes", "ageGroup=baby&sort=name"):
            found = [name for page in iter_pages(caller, f"/cats?{wanted}&limit={LIMIT}") for name in page]
            assert sorted(found) == sorted(f"rare {number}" for number in range(7, HERD, 20)), wanted


def costs(cafe: EngineApp) -> list[tuple[list[str], float, int]]:
    """Return what reading costs in a herd: one cat, the first page, and filtered ones."""
    paths = ("/cats/rare 7", "/cats?limit=10", "/cats?status=trial&limit=1", "/cats?ageGroup=baby&limit=1")
    bills = [
        measure_capacity(cafe, partial(caller.get, path))[1] for caller in _callers(cafe).values() for path in paths
    ]
    return [(one.calls, one.read, one.items) for one in bills]


def costs_do_not_grow(small: EngineApp, large: EngineApp) -> None:
    """Compare what reading costs in a small herd and in one ten times as large."""
    load_cats(small, (cat(small, number) for number in range(SMALL)))
    load_cats(large, (cat(large, number) for number in range(LARGE)))
    assert costs(small) == costs(large), "reading costs the same in any herd"


@pytest.fixture
def herd(cafe: EngineApp) -> EngineApp:
    """A café with a large herd."""
    load_cats(cafe, (cat(cafe, number) for number in range(HERD)))
    return cafe


def test_filters_that_people_use_most_come_back_full(herd: EngineApp) -> None:
    pages_are_full(herd)


def test_no_page_scans_or_reads_more_than_ten_items_for_each_one_asked_for(herd: EngineApp) -> None:
    a_page_reads_a_bounded_number(herd)


def test_short_pages_lead_to_every_cat_that_matches(herd: EngineApp) -> None:
    every_match_is_found(herd)


def test_reading_costs_the_same_in_a_herd_of_any_size(engine: DynamoDBEmulator, make_app: MakeEngineApp) -> None:
    costs_do_not_grow(make_app(engine), make_app(engine))


def test_a_list_that_looks_through_its_shelf_is_caught(herd: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_index(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[KeyRange], Predicate[Cat]]:
        spans, _ = list_query(context, dict.fromkeys(args))
        return spans, lambda cat: cat.status == args["status"]

    monkeypatch.setattr(CatList, "service", replace(CATS, list_query=without_index))
    with pytest.raises(AssertionError, match="are full"):
        pages_are_full(herd, ["status=trial"])


def test_a_page_that_goes_on_until_it_is_full_is_caught(herd: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.store.paginator.BUDGET", HERD)
    with pytest.raises(AssertionError, match="at most ten items"):
        a_page_reads_a_bounded_number(herd, [1])


def test_a_store_that_scans_is_caught(engine: DynamoDBEmulator, make_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match="reading costs the same"):
        costs_do_not_grow(make_app(engine, ScansTheTable), make_app(engine, ScansTheTable))
