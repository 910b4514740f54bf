"""Each access pattern in the docstring of ``api/store/keys.py`` consumes the capacity that the table there states."""

from __future__ import annotations

import re

import pytest

from api.store import keys
from tests.support.access_patterns import ACCESS_PATTERNS, CARD, OPERATIONS
from tests.support.capacity import measure_capacity
from tests.support.cost_requests import LUNA, create_cats, request
from tests.support.engine_app import EngineApp

KB = 1024


def test_every_documented_access_pattern_is_measured() -> None:
    table = str(keys.__doc__).partition("Access patterns.")[2].splitlines()
    patterns = [re.split(r"  +", line.strip())[0] for line in table if line.startswith("    ")]
    assert set(patterns) == {access.pattern for access in ACCESS_PATTERNS.values()}
    assert len(patterns) == len(set(patterns))


@pytest.mark.parametrize("name", ACCESS_PATTERNS)
def test_access_pattern_consumes_the_documented_capacity(cafe: EngineApp, name: str) -> None:
    access = ACCESS_PATTERNS[name]
    create_cats(cafe)
    send = access.send(cafe)
    response, capacity = measure_capacity(cafe, send)
    assert response.status_code in (200, 201, 204, 404)
    assert capacity.calls == [OPERATIONS[letter] for letter in access.calls]
    assert (capacity.read, capacity.written, capacity.indexes) == (access.read, access.written, access.indexes)


def test_idempotent_replay_writes_nothing(cafe: EngineApp) -> None:
    send = request("post", "/cats", {"name": "nori"}, idempotency_key="once")(cafe)
    send()
    response, capacity = measure_capacity(cafe, send)
    assert (response.status_code, capacity.calls) == (201, ["BatchGetItem", "GetItem"])
    assert (capacity.read, capacity.written) == (2, 0)


def test_cat_over_1_kb_costs_more_write_units(cafe: EngineApp) -> None:
    send = request("put", "/cats/luna", LUNA | {"description": "A" * KB})(cafe)
    _, capacity = measure_capacity(cafe, send)
    assert (capacity.written, capacity.indexes) == (
        4 + 4 + 2 + 2,
        dict.fromkeys(CARD, 2.0) | {"filter1-by_time": 5.0, "list-by_date": 3.0},
    )


def test_measured_cat_is_just_under_1_kb(cafe: EngineApp) -> None:
    cafe.staff.put("/cats/luna", LUNA)
    cafe.staff.put("/cats/luna", LUNA | {"sex": "male"})
    sizes = [
        sum(len(name.encode()) + len(value["S"].encode()) for name, value in item.items())
        for item in cafe.items("luna")
    ]
    assert KB * 0.9 < max(sizes) <= KB


def test_a_version_is_found_without_reading_all_versions(cafe: EngineApp) -> None:
    for number in range(60):
        cafe.staff.put("/cats/luna", LUNA | {"description": f"{number} {'A' * 3900}"})
    send = request("get", "/cats/luna/history/1")(cafe)
    response, capacity = measure_capacity(cafe, send)
    assert response.json["version"] == 1
    assert capacity.read < 60 * 4 / 8
    assert len(capacity.calls) < 10
