"""The performance goals and their bounds."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

CLOWDER_NAME = "clowder"
COLD = "import_and_get_cpu_ms"
"""The measure of a cold start: the CPU time of the import and of the first GET."""

Samples = dict[str, list[float]]
"""The values of one measure, one for each round, by handler."""
Measurements = dict[str, Samples]
"""The samples of all measures, by key of the measure."""


@dataclass(frozen=True)
class Goal:
    """A performance goal.

    Args:
        name: the name in the last lines of the output of ``make bench``.
        title: the description in the report.
        measure: the key of the measure.
        bound: the maximum.
        peer: the peer by whose median Clowder's median is divided. Without a peer, Clowder's median itself counts.
    """

    name: str
    title: str
    measure: str
    bound: float
    peer: str | None = None

    def value(self, data: Measurements) -> float:
        """Return the measured value, rounded to the two digits that are compared with the bound."""
        samples = data[self.measure]
        clowder = statistics.median(samples[CLOWDER_NAME])
        return round(clowder / statistics.median(samples[self.peer]) if self.peer else clowder, 2)

    def is_reached(self, data: Measurements) -> bool:
        """Return whether the value is within the bound."""
        return self.value(data) <= self.bound

    def line(self, data: Measurements) -> str:
        """Return the goal as a machine-readable line."""
        return f"goal {self.name} {self.value(data):.2f} {self.bound:.2f}"


GOALS = (
    Goal("cold_vs_bare", "Cold start, CPU, as a share of bare boto3's", COLD, 1.00, "bare"),
    Goal("cold_vs_flask", "Cold start, CPU, as a share of Flask-RESTful's", COLD, 0.75, "flask"),
    Goal("cold_vs_fastapi", "Cold start, CPU, as a share of FastAPI's", COLD, 0.50, "fastapi"),
    Goal("warm_get_cpu_vs_bare", "CPU of a GET, as a share of bare boto3's", "get_cpu_us", 1.10, "bare"),
    Goal("warm_get_cpu_vs_flask", "CPU of a GET, as a share of Flask-RESTful's", "get_cpu_us", 0.80, "flask"),
    Goal("list_cpu_vs_bare", "CPU of a list of 20, as a share of bare boto3's", "list_cpu_us", 0.70, "bare"),
    Goal("put_cpu_vs_bare", "CPU of a PUT, as a share of bare boto3's", "put_cpu_us", 1.20, "bare"),
    Goal("peak_memory_vs_bare", "Peak memory after a cold GET, as a share of bare boto3's", "peak_mb", 1.00, "bare"),
    Goal("package_mb", "Package, in MB", "package_mb", 6.00),
)
FLOOR_MEASURES = (COLD, "get_cpu_us", "list_cpu_us", "put_cpu_us", "peak_mb")
"""The measures that the report also shows as shares of the floor. They have no bound."""
