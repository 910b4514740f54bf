"""The calls and capacity units in tools/ops/cost.toml are those of the engine: they are exact on any machine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import PATCH
from tests.support.capacity import measure_capacity
from tests.support.engine_app import EngineApp
from tools.local.seed import seed
from tools.ops import cost

BODIES: dict[str, dict[str, Any]] = {
    "PATCH /cats/luna": {"json": {"description": "Greets guest 1."}, "headers": PATCH | {"If-Match": "*"}},
    "POST /todos": {"json": {"title": "Buy milk", "kind": "shop"}},
}


@pytest.mark.parametrize("name", ["GET /cats", "GET /cats/luna", "GET /pies", *BODIES])
def test_a_request_takes_what_the_cost_model_says(cafe: EngineApp, name: str) -> None:
    """Of the two requests that are missing, units grow with the weights and the sessions that exist."""
    seed(cafe.settings, cafe.table, cafe.clock())
    caller = cafe.staff if name in BODIES else cafe.public
    answer, took = measure_capacity(cafe, lambda: caller.send(*name.split(), **BODIES.get(name, {})))
    assert answer.status_code in (200, 201)
    expected = cost.read()["requests"][name]
    written = took.written + sum(took.indexes.values())
    assert (len(took.calls), took.read, written) == (expected["calls"], expected["read"], expected["written"])
