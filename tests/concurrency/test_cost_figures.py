"""The figures in tools/ops/cost.toml and tools/ops/scale.toml equal those of the DynamoDB emulator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from api.domain.entity import first_version
from api.domain.todos import Todo
from tests.support.app import PATCH
from tests.support.bulk_load import load_items
from tests.support.capacity import Capacity, measure_capacity
from tests.support.engine_app import EngineApp
from tools.local.seed import seed
from tools.ops import cost, scale

PUBLIC = ("GET /cats", "GET /cats/luna", "GET /pies")
BODIES: dict[str, dict[str, Any]] = {
    "PATCH /cats/luna": {"json": {"description": "Greets guest 1."}, "headers": PATCH | {"If-Match": "*"}},
    "POST /todos": {"json": {"title": "Buy milk", "kind": "shop"}},
    "POST /posts": {"json": {"title": "News", "body": "Luna *purrs*."}},
    "POST /cats/luna/weights": {"json": {"grams": 4000}},
}
GROWING = {"POST /cats/luna/weights", "POST /sessions"}
"""The requests whose units grow with the data. Of these, the figures in cost.toml are medians."""


def measure(cafe: EngineApp, name: str) -> Capacity:
    """Send a request with the sample data, and return its capacity."""
    client = cafe.public if name in PUBLIC else cafe.staff
    response, capacity = measure_capacity(cafe, lambda: client.send(*name.split(), **BODIES.get(name, {})))
    assert response.status_code in (200, 201), name
    return capacity


def load_overdue_doses(cafe: EngineApp, number: int) -> None:
    """Write open to-dos for a medicine that was due yesterday."""
    times = first_version(cafe.clock.now)
    about = {"kind": "medicine", "cat": "luna", "by": "the staff"}
    about |= {"due": (cafe.clock.now - timedelta(days=1)).date().isoformat()}
    load_items(cafe, (Todo(title=f"Dose {index}", id=f"dose-{index}", **about, **times) for index in range(number)))


def test_figures_of_the_cost_and_scale_pages_are_those_of_the_emulator(cafe: EngineApp) -> None:
    """One table for all requests, because filling it takes longer than the requests."""
    seed(cafe.settings, cafe.table, cafe.clock())
    costs, busy = cost.load_data()["requests"], scale.load_data()["requests"]
    doses = {name: figures for name, figures in busy.items() if "overdue_doses" in figures}
    for name in sorted({*costs, *busy} - {*doses, "POST /sessions"}):
        capacity = measure(cafe, name)
        if name in costs and name not in GROWING:
            written = capacity.written + sum(capacity.indexes.values())
            figures = {"calls": len(capacity.calls), "read": capacity.read, "written": written}
            assert {key: costs[name][key] for key in figures} == figures, name
        if name in busy:
            assert busiest(capacity, busy[name]) == busy[name], name
    for name, figures in doses.items():
        load_overdue_doses(cafe, figures["overdue_doses"])
        assert busiest(measure(cafe, name.partition(",")[0]), figures) == figures, name


def busiest(capacity: Capacity, figures: dict[str, Any]) -> dict[str, Any]:
    """Return figures with the units of the index that is used most in place of those that are expected."""
    units = {"read": capacity.read_indexes, "written": capacity.indexes}
    return figures | {kind: max(indexes.values(), default=0) for kind, indexes in units.items() if kind in figures}
