"""The capacity of each access pattern in the table of ``api/store/keys.py``, as the DynamoDB emulator reports it."""

from __future__ import annotations

import re

import pytest

from api.store import keys
from tests.support.access_patterns import ACCESS_PATTERNS, CARD, OPERATIONS
from tests.support.capacity import measure_capacity
from tests.support.cost_requests import LUNA, create_cats, request
from tests.support.engine_app import EngineApp

KB = 1024


def test_every_line_of_the_table_in_keys_is_measured() -> None:
    table = str(keys.__doc__).partition("Access patterns.")[2].splitlines()
    patterns = [re.split(r"  +", line.strip())[0] for line in table if line.startswith("    ")]
    assert set(patterns) == {line.pattern for line in ACCESS_PATTERNS.values()}
    assert len(patterns) == len(set(patterns))


@pytest.mark.parametrize("name", ACCESS_PATTERNS)
def test_an_access_pattern_costs_what_the_table_in_keys_says(cafe: EngineApp, name: str) -> None:
    line = ACCESS_PATTERNS[name]
    create_cats(cafe)
    send = line.send(cafe)
    answer, cost = measure_capacity(cafe, send)
    assert answer.status_code in (200, 201, 204, 404)
    assert cost.calls == [OPERATIONS[letter] for letter in line.calls]
    assert (cost.read, cost.written, cost.indexes) == (line.read, line.written, line.indexes)


def test_a_replay_under_an_idempotency_key_writes_nothing(cafe: EngineApp) -> None:
    send = request("post", "/cats", {"name": "nori"}, idempotency_key="once")(cafe)
    send()
    answer, cost = measure_capacity(cafe, send)
    assert (answer.status_code, cost.calls, cost.read, cost.written) == (201, ["BatchGetItem", "GetItem"], 2, 0)


def test_a_write_of_a_cat_over_1_kb_costs_one_transaction_unit_more_for_each_kb(cafe: EngineApp) -> None:
    send = request("put", "/cats/luna", LUNA | {"description": "A" * KB})(cafe)
    _, cost = measure_capacity(cafe, send)
    assert (cost.written, cost.indexes) == (
        4 + 4 + 2,
        dict.fromkeys(CARD, 2.0) | {"filter1-by_time": 3.0},
    )


def test_the_cat_of_these_lines_is_a_full_one_and_under_1_kb(cafe: EngineApp) -> None:
    cafe.staff.put("/cats/luna", LUNA)
    cafe.staff.put("/cats/luna", LUNA | {"sex": "male"})
    sizes = [
        sum(len(name.encode()) + len(value["S"].encode()) for name, value in item.items())
        for item in cafe.items("luna")
    ]
    assert KB * 0.9 < max(sizes) <= KB
