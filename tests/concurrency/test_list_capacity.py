"""A list page reads a bounded number of items, never scans, and costs the same for any number of cats."""

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

CATS_IN_LIST, LARGE, SMALL = 300, 400, 40
LIMIT = 5
INDEXED = ("status=trial", "goodWith.children=over5", "name=rare", "ageGroup=baby")
"""The most common filters; each of them is a range of one index."""
SORTED = [f"{query}&sort={sort}" for query in INDEXED[:2] for sort in ("name", "newest")]
SEARCHES = ("breed=siamese", "goodWith.dogs=yes", "status=trial&sex=male", "bonded=true", "ageGroup=baby&sort=name")
"""Filters for which a page reads cats that it does not return."""


def cat(cafe: EngineApp, number: int) -> dict[str, Any]:
    """Return the body of a cat: one in twenty matches all filters, and one in three of the others is not public."""
    common = {"name": f"cat {number}", "status": "adopted" if number % 3 == 1 else "available"}
    if number % 20 != 7:
        return common | {"birthDate": "2020-02-02", "goodWith": {"children": "no"}}
    born = (cafe.clock.now - timedelta(days=90)).date().isoformat()
    rare = {"name": f"rare {number}", "status": "trial", "birthDate": born, "sex": "female"}
    return rare | {"breed": {"primary": "siamese"}, "goodWith": {"children": "over5", "dogs": "yes"}}


def _clients(cafe: EngineApp) -> list[Client]:
    return [cafe.public, cafe.staff]


def check_full_pages(cafe: EngineApp, queries: Sequence[str] = (*INDEXED, *SORTED)) -> None:
    """Check that all pages of indexed lists are full."""
    for client in _clients(cafe):
        for query in queries:
            pages = list(iter_pages(client, f"/cats?{query}&limit={LIMIT}"))
            assert [len(page) for page in pages] == [LIMIT] * (CATS_IN_LIST // 20 // LIMIT), (
                f"pages of {query} are full"
            )


def check_read_limit(cafe: EngineApp, limits: Sequence[int] = (1, LIMIT, 20)) -> None:
    """Check that each page of any list reads at most ten items for each one of its limit."""
    for client in _clients(cafe):
        for query in (*INDEXED, *SEARCHES, "sort=age", "name=zz"):
            for limit in limits:
                _check_read_limit(cafe, client, f"/cats?{query}&limit={limit}", limit)


def _check_read_limit(cafe: EngineApp, client: Client, path: str, limit: int) -> None:
    next_path: str | None = path
    for _ in range(3):
        response, capacity = measure_capacity(cafe, partial(client.get, str(next_path)))
        assert capacity.items <= 10 * limit, f"{path} reads at most ten times its limit"
        assert "Scan" not in capacity.calls, f"{path} does not scan"
        assert capacity.written == 0
        next_path = response.get_json().get("next")
        if next_path is None:
            return


def check_all_matches(cafe: EngineApp) -> None:
    """Check that all pages of a filtered list together have all matching cats."""
    for client in _clients(cafe):
        for query in (*INDEXED, "breed=siamese", "goodWith.dogs=yes", "ageGroup=baby&sort=name"):
            names = [name for page in iter_pages(client, f"/cats?{query}&limit={LIMIT}") for name in page]
            assert sorted(names) == sorted(f"rare {number}" for number in range(7, CATS_IN_LIST, 20)), query


def _measure(cafe: EngineApp) -> list[tuple[list[str], float, int]]:
    """Return the cost of reading one cat, the first page, and filtered pages."""
    paths = ("/cats/rare 7", "/cats?limit=10", "/cats?status=trial&limit=1", "/cats?ageGroup=baby&limit=1")
    capacities = [measure_capacity(cafe, partial(client.get, path))[1] for client in _clients(cafe) for path in paths]
    return [(capacity.calls, capacity.read, capacity.items) for capacity in capacities]


def check_constant_cost(small: EngineApp, large: EngineApp) -> None:
    """Compare the cost of reading with 40 and with 400 cats."""
    load_cats(small, (cat(small, number) for number in range(SMALL)))
    load_cats(large, (cat(large, number) for number in range(LARGE)))
    assert _measure(small) == _measure(large), "the cost does not depend on the number of cats"


@pytest.fixture
def loaded_cafe(cafe: EngineApp) -> EngineApp:
    """The application with 300 cats."""
    load_cats(cafe, (cat(cafe, number) for number in range(CATS_IN_LIST)))
    return cafe


def test_indexed_lists_have_full_pages(loaded_cafe: EngineApp) -> None:
    check_full_pages(loaded_cafe)


def test_page_reads_at_most_ten_times_its_limit_and_never_scans(loaded_cafe: EngineApp) -> None:
    check_read_limit(loaded_cafe)


def test_short_pages_have_all_matching_cats(loaded_cafe: EngineApp) -> None:
    check_all_matches(loaded_cafe)


def test_cost_of_a_page_does_not_depend_on_the_number_of_cats(
    engine: DynamoDBEmulator, make_app: MakeEngineApp
) -> None:
    check_constant_cost(make_app(engine), make_app(engine))


def test_list_without_filter_index_is_detected(loaded_cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    def without_index(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[KeyRange], Predicate[Cat]]:
        ranges, _ = list_query(context, dict.fromkeys(args))
        return ranges, lambda cat: cat.status == args["status"]

    monkeypatch.setattr(CatList, "service", replace(CATS, list_query=without_index))
    with pytest.raises(AssertionError, match="are full"):
        check_full_pages(loaded_cafe, ["status=trial"])


def test_unlimited_page_is_detected(loaded_cafe: EngineApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.store.paginator.READ_FACTOR", CATS_IN_LIST)
    with pytest.raises(AssertionError, match="at most ten times its limit"):
        check_read_limit(loaded_cafe, [1])


def test_table_scan_is_detected(engine: DynamoDBEmulator, make_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match="the cost does not depend"):
        check_constant_cost(make_app(engine, ScansTheTable), make_app(engine, ScansTheTable))
