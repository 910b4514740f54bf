"""The calls and capacity units in tools/ops/cost.toml equal those of the DynamoDB emulator."""

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
def test_request_has_the_calls_and_units_of_the_cost_model(cafe: EngineApp, name: str) -> None:
    """POST of a weight and of a session are left out: their units grow with the data."""
    seed(cafe.settings, cafe.table, cafe.clock())
    client = cafe.staff if name in BODIES else cafe.public
    response, capacity = measure_capacity(cafe, lambda: client.send(*name.split(), **BODIES.get(name, {})))
    assert response.status_code in (200, 201)
    expected = cost.load_data()["requests"][name]
    written = capacity.written + sum(capacity.indexes.values())
    assert (len(capacity.calls), capacity.read, written) == (expected["calls"], expected["read"], expected["written"])
