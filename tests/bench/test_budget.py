"""A cold start imports no more, and a warm GET calls no more, than bench/budget.json has it: counted, not timed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bench.stage import HERE, OURS, Stage, stage

BUDGET = HERE / "budget.json"
Counts = dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def ready() -> Iterator[Stage]:
    """An engine with the sample café, as make bench has it."""
    with stage() as made:
        yield made


def counted(ready: Stage, module: str) -> Any:
    told, _ = ready.run([str(HERE / "counts.py"), module, str(ready.event)])
    return json.loads(told)


def grown(counts: Counts) -> list[str]:
    """Say which package has outgrown its budget, and by how much."""
    budget: Counts = json.loads(BUDGET.read_text(encoding="utf-8"))
    return [
        f"{package}: {number} {what}, and {budget[what].get(package, 0)} are allowed by {BUDGET.name}"
        for what, packages in counts.items()
        for package, number in packages.items()
        if number > budget[what].get(package, 0)
    ]


def test_a_start_and_a_get_stay_within_their_budget(ready: Stage) -> None:
    assert grown(counted(ready, OURS)) == []


def test_what_has_grown_is_named(ready: Stage) -> None:
    told = grown(counted(ready, "tests.support.regressed_handler"))
    assert [line for line in told if line.startswith("markdown_it: ") and " modules, and 0 are allowed" in line]
    assert [line for line in told if line.startswith("werkzeug: ") and " calls, and " in line]
