"""Takes turns: a fresh process of each, one after the other, and again, so that a slow minute is slow for all."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.deployed import Handler
from bench.goals import OURS, Found, Numbers
from bench.probe import WARM_UP
from bench.workloads import GET, WORKLOADS
from tools.cli import CliError

ROUNDS = 9
"""With them, `make bench` takes about ten minutes on a machine with two slow cores."""


@dataclass(frozen=True)
class Measure:
    """Something that is measured of each handler."""

    key: str
    title: str
    unit: str


MEASURES = (
    Measure("cold_ms", "Cold start, to the first answer", "ms"),
    Measure("import_ms", "of it: the handler's import", "ms"),
    Measure("first_ms", "of it: the first GET", "ms"),
    Measure("cold_cpu_ms", "Cold start with Python itself, CPU", "ms"),
    Measure("import_and_get_cpu_ms", "Import and first GET, CPU", "ms"),
    Measure("import_cpu_ms", "of it: the handler's import", "ms"),
    Measure("first_cpu_ms", "of it: the first GET", "ms"),
    *(Measure(f"{work.key}_cpu_us", f"{work.title[0].upper()}{work.title[1:]}, CPU", "µs") for work in WORKLOADS),
    *(
        Measure(f"{work.key}_us", f"{work.title[0].upper()}{work.title[1:]}, with the engine", "µs")
        for work in WORKLOADS
    ),
    Measure("peak_mb", "Peak memory after a cold GET", "MB"),
    Measure("package_mb", "Package, zipped", "MB"),
)


def number_of_rounds(text: str | None) -> int:
    """Return how many rounds somebody wants, from the text that says so; the usual number if nobody does.

    Raises:
        CliError: that is no number of rounds.
    """
    if not text:
        return ROUNDS
    if not text.isdecimal() or not int(text):
        raise CliError(f"BENCH_ROUNDS is a number of rounds, and not {text}.")
    return int(text)


def play(handlers: Sequence[Handler], rounds: int, requests: int | None = None, warm_up: int = WARM_UP) -> Found:
    """Measure all of them.

    Args:
        handlers: who takes turns.
        rounds: how often.
        requests: how many in a row are one measurement; as the workloads have it, if not given.
        warm_up: how many before them are not counted.
    """
    found: Found = {measure.key: {handler.name: [] for handler in handlers} for measure in MEASURES}
    for handler in handlers:
        handler.cold(GET)  # not counted: it fills the page cache
        found["package_mb"][handler.name] = [handler.megabytes] * rounds
    for number in range(rounds):
        # Each begins a round in its turn: who comes behind a heavy one is not always the same.
        order = [*handlers[number % len(handlers) :], *handlers[: number % len(handlers)]]
        for handler in order:
            _note(found, handler, "", handler.cold(GET))
        for work in WORKLOADS:
            for handler in order:
                _note(found, handler, f"{work.key}_", handler.warm(work, requests or work.requests, warm_up))
    return found


def _note(found: Found, handler: Handler, prefix: str, numbers: dict[str, float]) -> None:
    for key, value in numbers.items():
        found[f"{prefix}{key}"][handler.name].append(value)


def ratio(numbers: Numbers, peer: str) -> float:
    """Return our median, divided by a peer's."""
    return statistics.median(numbers[OURS]) / statistics.median(numbers[peer])


def middle(numbers: Numbers, peer: str) -> tuple[float, float]:
    """Return between which values the middle half of the rounds' own ratios lies."""
    ratios = [ours / theirs for ours, theirs in zip(numbers[OURS], numbers[peer], strict=True)]
    low, _, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return low, high
