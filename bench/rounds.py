"""Measure all handlers in turns, each in a fresh process, so that a slow moment of the machine affects all of them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.goals import CLOWDER_NAME, Measurements, Samples
from bench.handlers import Handler
from bench.worker import WARM_UP
from bench.workloads import GET, WORKLOADS
from tools.cli import CliError

ROUNDS = 9
"""The default. ``make bench`` then takes about ten minutes on a machine with two slow cores."""


@dataclass(frozen=True)
class Measure:
    """A measure that each handler has."""

    key: str
    title: str
    unit: str


MEASURES = (
    Measure("cold_ms", "Cold start, to the first response", "ms"),
    Measure("import_ms", "of it: the handler's import", "ms"),
    Measure("first_ms", "of it: the first GET", "ms"),
    Measure("cold_cpu_ms", "Cold start with Python itself, CPU", "ms"),
    Measure("import_and_get_cpu_ms", "Import and first GET, CPU", "ms"),
    Measure("import_cpu_ms", "of it: the handler's import", "ms"),
    Measure("first_cpu_ms", "of it: the first GET", "ms"),
    *(Measure(f"{work.key}_cpu_us", f"{work.title[0].upper()}{work.title[1:]}, CPU", "µs") for work in WORKLOADS),
    *(Measure(f"{work.key}_us", f"{work.title[0].upper()}{work.title[1:]}, elapsed", "µs") for work in WORKLOADS),
    Measure("peak_mb", "Peak memory after a cold GET", "MB"),
    Measure("package_mb", "Package, zipped", "MB"),
)


def parse_rounds(text: str | None) -> int:
    """Return the number of rounds. Without a text, return the default.

    Raises:
        CliError: the text is not a positive integer.
    """
    if not text:
        return ROUNDS
    if not text.isdecimal() or not int(text):
        raise CliError(f"BENCH_ROUNDS must be a positive integer, not {text}.")
    return int(text)


def run_rounds(
    handlers: Sequence[Handler], rounds: int, requests: int | None = None, warm_up: int = WARM_UP
) -> Measurements:
    """Measure all handlers.

    Args:
        handlers: the handlers.
        rounds: the number of rounds.
        requests: the number of requests in a measurement. The default is that of the workload.
        warm_up: the number of requests before a measurement that are not counted.
    """
    data: Measurements = {measure.key: {handler.name: [] for handler in handlers} for measure in MEASURES}
    for handler in handlers:
        handler.measure_cold(GET)  # not counted: it fills the page cache of the operating system
        data["package_mb"][handler.name] = [handler.megabytes] * rounds
    for number in range(rounds):
        # Rotate the order, so that no handler always follows the same one.
        order = [*handlers[number % len(handlers) :], *handlers[: number % len(handlers)]]
        for handler in order:
            _record(data, handler, "", handler.measure_cold(GET))
        for work in WORKLOADS:
            for handler in order:
                _record(data, handler, f"{work.key}_", handler.measure_warm(work, requests or work.requests, warm_up))
    return data


def _record(data: Measurements, handler: Handler, prefix: str, numbers: dict[str, float]) -> None:
    for key, value in numbers.items():
        data[f"{prefix}{key}"][handler.name].append(value)


def ratio(samples: Samples, peer: str) -> float:
    """Return Clowder's median divided by the median of a peer."""
    return statistics.median(samples[CLOWDER_NAME]) / statistics.median(samples[peer])


def middle_half(samples: Samples, peer: str) -> tuple[float, float]:
    """Return the first and the third quartile of the ratios of all rounds."""
    ratios = [clowder / other for clowder, other in zip(samples[CLOWDER_NAME], samples[peer], strict=True)]
    low, _, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
    return low, high
