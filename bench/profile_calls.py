"""Profile warm GETs and print the shares of packages and functions as JSON.

Run this script in a fresh process. Only Clowder's package is on its path.
"""

from __future__ import annotations

import cProfile
import importlib
import json
import pstats
import sys
from collections import Counter
from pathlib import Path
from typing import Any

WARM_UP = 200
TASK = "/var/task"
"""The folder of source files in the bytecode of the package."""
STANDARD_LIBRARY = "standard library"
STORE = ("api/store/table.py", "get")
"""The function with which a GET reads the table."""

CALLS, OWN_TIME = (1, 0), (2, 2)
"""The indexes of a value in pstats: in the entry of a function, and in the entry of one of its callers."""

Function = tuple[str, int, str]


def profile(entry: str, event: dict[str, Any], requests: int) -> dict[str, Any]:
    """Handle GETs under the profiler and return the shares of packages and functions."""
    module, _, name = entry.partition(".")
    handler = getattr(importlib.import_module(module), name)
    for _ in range(WARM_UP):
        handler(event, None)
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(requests):
        handler(event, None)
    profiler.disable()
    stats = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    total = sum(own for _, _, own, _, _ in stats.values())
    functions = sorted(stats.items(), key=lambda entry: -entry[1][2])
    return {
        "store": _store_time(stats) / total,
        "packages": {name: own / total for name, own in sum_by_package(stats, OWN_TIME).most_common()},
        "functions": [[_title(f), round(calls / requests, 1), own / total] for f, (_, calls, own, _, _) in functions],
    }


def sum_by_package(stats: dict[Function, Any], column: tuple[int, int]) -> Counter[str]:
    """Return the sums of a column by package. Functions written in C count for the package of their caller."""
    of_function, of_caller = column
    sums: Counter[str] = Counter()
    for function, entry in stats.items():
        if function[0] != "~":
            sums[package_of(function)] += entry[of_function]
            continue
        for caller, share in entry[-1].items():
            sums[package_of(caller)] += share[of_caller]
    return sums


def _store_time(stats: dict[Function, Any]) -> float:
    times = [entry[3] for function, entry in stats.items() if (_relative(function[0]), function[2]) == STORE]
    if not times:
        sys.exit(f"No GET called {STORE[1]} in {STORE[0]}. Update STORE in bench/profile_calls.py.")
    return float(sum(times))


def package_of(function: Function) -> str:
    """Return the package of a function. The standard library counts as one package."""
    path = _relative(function[0])
    first = path.split("/")[0].removesuffix(".py")
    if first == "handler":
        return "api"
    return STANDARD_LIBRARY if path.startswith(("<", "~")) or first in sys.stdlib_module_names else first


def _title(function: Function) -> str:
    return function[2].strip("<>") if function[0] == "~" else f"{_relative(function[0])}: {function[2].strip('<>')}"


def _relative(path: str) -> str:
    """Return a path relative to its folder on ``sys.path``, so that the result does not depend on the machine."""
    for root in sorted({*filter(None, sys.path), TASK}, key=len, reverse=True):
        if path.startswith(f"{root}/"):
            return path.removeprefix(f"{root}/")
    return path


if __name__ == "__main__":
    case = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    print(json.dumps(profile(sys.argv[1], case["event"], int(sys.argv[3]))))
