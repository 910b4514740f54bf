"""What docs/cost.md is computed from is what the engine says: capacity units are exact, on any machine."""

from __future__ import annotations

from tools.cost import measure

GROWING = {"POST /cats/luna/weights", "POST /sessions"}
"""What they take depends on how many there are already."""


def test_what_was_measured_is_what_the_engine_says_now() -> None:
    then, now = measure.load().requests, measure.measure(times=2, starts=0, warm_up=1).requests
    for name in then.keys() - GROWING:
        for what in ("calls", "read", "written"):
            assert getattr(now[name], what) == getattr(then[name], what), f"{name}: run python -m tools.cost --measure"
