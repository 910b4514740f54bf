"""Runs in a fresh process, beside the package alone: profiles warm GETs, and prints in whose code the time is."""

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
"""Where the package's bytecode says that it lies."""
OWN = "Python's own library"
STORE = ("api/store/table.py", "get")
"""The function in which a GET asks the store."""

CALLS, OWN_TIME = (1, 0), (2, 2)
"""Where pstats keeps them in the entry of a function, and in that of a caller of it."""

Function = tuple[str, int, str]


def profile(entry: str, event: dict[str, Any], requests: int) -> dict[str, Any]:
    """Answer many GETs under the profiler and return what each package and function took, in shares of all."""
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
        "store": _store(stats) / total,
        "packages": {name: own / total for name, own in by_package(stats, OWN_TIME).most_common()},
        "functions": [[_name(f), round(calls / requests, 1), own / total] for f, (_, calls, own, _, _) in functions],
    }


def by_package(stats: dict[Function, Any], column: tuple[int, int]) -> Counter[str]:
    """Sum up a column of a profile by package; what Python does in C counts to those who ask for it."""
    of_function, of_caller = column
    spent: Counter[str] = Counter()
    for function, entry in stats.items():
        if function[0] != "~":
            spent[package(function)] += entry[of_function]
            continue
        for caller, share in entry[-1].items():
            spent[package(caller)] += share[of_caller]
    return spent


def _store(stats: dict[Function, Any]) -> float:
    found = [entry[3] for function, entry in stats.items() if (_place(function[0]), function[2]) == STORE]
    if not found:
        sys.exit(f"No GET came to {STORE[1]} of {STORE[0]}: how is the store asked now?")
    return float(sum(found))


def package(function: Function) -> str:
    """Return the package that a function stands in; all of Python's own library is one."""
    place = _place(function[0])
    first = place.split("/")[0].removesuffix(".py")
    if first == "handler":
        return "api"
    return OWN if place.startswith(("<", "~")) or first in sys.stdlib_module_names else first


def _name(function: Function) -> str:
    return function[2].strip("<>") if function[0] == "~" else f"{_place(function[0])}: {function[2].strip('<>')}"


def _place(path: str) -> str:
    """Return a file's place in its package, in the library or in this project: it says nothing of the machine."""
    for root in sorted({*filter(None, sys.path), TASK}, key=len, reverse=True):
        if path.startswith(f"{root}/"):
            return path.removeprefix(f"{root}/")
    return path


if __name__ == "__main__":
    told = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))["event"]
    print(json.dumps(profile(sys.argv[1], told, int(sys.argv[3]))))
