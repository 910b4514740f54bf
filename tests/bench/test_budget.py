"""The imported modules of a cold start and the function calls of a warm GET stay within bench/budget.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bench.environment import BENCH_DIR, HANDLER_MODULE, BenchEnvironment, bench_environment

BUDGET = BENCH_DIR / "budget.json"
Counts = dict[str, dict[str, int]]


@pytest.fixture(scope="module")
def environment() -> Iterator[BenchEnvironment]:
    """The environment of make bench."""
    with bench_environment() as running:
        yield running


def count(environment: BenchEnvironment, module: str) -> Any:
    output, _ = environment.run([str(BENCH_DIR / "call_counts.py"), module, str(environment.event)])
    return json.loads(output)


def exceeded(counts: Counts) -> list[str]:
    """Return a line for each package that exceeds its budget."""
    budget: Counts = json.loads(BUDGET.read_text(encoding="utf-8"))
    return [
        f"{package}: {number} {unit}, but {BUDGET.name} allows {budget[unit].get(package, 0)}"
        for unit, packages in counts.items()
        for package, number in packages.items()
        if number > budget[unit].get(package, 0)
    ]


def test_cold_start_and_warm_get_are_within_the_budget(environment: BenchEnvironment) -> None:
    assert exceeded(count(environment, HANDLER_MODULE)) == []


def test_regressed_handler_exceeds_the_budget(environment: BenchEnvironment) -> None:
    lines = exceeded(count(environment, "tests.support.regressed_handler"))
    assert [line for line in lines if line.startswith("markdown_it: ") and " modules, but budget.json allows 0" in line]
    assert [line for line in lines if line.startswith("werkzeug: ") and " calls, but " in line]
