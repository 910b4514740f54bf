"""What is aimed at: each goal with its bound. No other place has them."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

OURS = "clowder"
COLD = "import_and_get_cpu_ms"
"""The measure of a cold start: the CPU time of the import and of the first GET."""

Numbers = dict[str, list[float]]
"""Of each handler, what one measure was in each round."""
Found = dict[str, Numbers]
"""All measures, by their keys."""


@dataclass(frozen=True)
class Goal:
    """One goal.

    Args:
        name: as the last lines of ``make bench`` have it.
        says: what it means, in words that a number can follow.
        measure: what is measured.
        bound: what it may be at the most.
        against: whose number ours is divided by; nobody's, where the number itself counts.
    """

    name: str
    says: str
    measure: str
    bound: float
    against: str | None = None

    def value(self, found: Found) -> float:
        """Return what the goal came to, in the two digits that it is judged by."""
        numbers = found[self.measure]
        ours = statistics.median(numbers[OURS])
        return round(ours / statistics.median(numbers[self.against]) if self.against else ours, 2)

    def reached(self, found: Found) -> bool:
        """Say whether the goal is reached."""
        return self.value(found) <= self.bound

    def line(self, found: Found) -> str:
        """Return the goal as a line that a program can read."""
        return f"goal {self.name} {self.value(found):.2f} {self.bound:.2f}"


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
BEYOND_BOTO3 = (COLD, "get_cpu_us", "list_cpu_us", "put_cpu_us", "peak_mb")
"""The measures that the page also shows as shares of the floor. They have no bound."""
