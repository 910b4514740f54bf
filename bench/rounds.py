"""Takes turns: one fresh process of ours, one of the peer, and again, so that a slow minute is slow for both."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.stage import BARE, OURS, Stage

ROUNDS = 15
REQUESTS = 2000

Numbers = dict[str, list[float]]


@dataclass(frozen=True)
class Row:
    """One measure of both, over all rounds."""

    name: str
    unit: str
    ours: Sequence[float]
    bare: Sequence[float]
    goal: float | None = None
    """The ratio that is aimed at, if there is one."""

    @property
    def medians(self) -> tuple[float, float]:
        """The medians of both."""
        return statistics.median(self.ours), statistics.median(self.bare)

    @property
    def ratio(self) -> float:
        """How much of the peer's we take."""
        ours, bare = self.medians
        return ours / bare

    @property
    def middle(self) -> tuple[float, float]:
        """Between which values the middle half of the rounds' own ratios lies."""
        ratios = [ours / bare for ours, bare in zip(self.ours, self.bare, strict=True)]
        low, _, high = statistics.quantiles(ratios, n=4)
        return low, high


def play(stage: Stage, rounds: int = ROUNDS, requests: int = REQUESTS) -> list[Row]:
    """Measure both, and return the rows of the table."""
    for module in (OURS, BARE):  # not counted: it writes the bytecode, and fills the page cache
        stage.measure("cold", module)
    cold = _turns(stage, "cold", rounds)
    warm = _turns(stage, "warm", rounds, requests)
    ours, bare = cold[OURS] | warm[OURS], cold[BARE] | warm[BARE]
    return [Row(name, unit, ours[key], bare[key], goal) for key, name, unit, goal in _MEASURES]


_MEASURES: tuple[tuple[str, str, str, float | None], ...] = (
    ("cold_ms", "Cold start: process start to first answer", "ms", 0.80),
    ("import_ms", "of it: importing the handler", "ms", None),
    ("first_ms", "of it: the first GET", "ms", None),
    ("cold_cpu_ms", "Cold start, CPU", "ms", None),
    ("import_cpu_ms", "of it: importing the handler, CPU", "ms", None),
    ("first_cpu_ms", "of it: the first GET, CPU", "ms", None),
    ("warm_cpu_us", "Warm GET, CPU", "µs", 1.00),
    ("warm_us", "Warm GET, with the engine's share", "µs", None),
    ("peak_mb", "Peak memory after the first GET", "MB", None),
)


def _turns(stage: Stage, what: str, rounds: int, number: int = 0) -> dict[str, Numbers]:
    found: dict[str, Numbers] = {OURS: {}, BARE: {}}
    for _ in range(rounds):
        for module, numbers in found.items():
            for key, value in stage.measure(what, module, number).items():
                numbers.setdefault(key, []).append(value)
    return found
