"""Runs in a fresh process: counts what a start imports and what a warm GET calls, and prints it by package as JSON.

Counts are the same on every machine and at every load, as milliseconds are not: so CI can hold them to a budget.
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

from bench.spent import CALLS, OWN, by_package

WARM_UP, REQUESTS = 20, 50
Counts = dict[str, int]


def count(module: str, event: dict[str, Any]) -> dict[str, Counts]:
    """Return the modules that importing a handler brings, and the calls that one of its GETs makes, by package.

    What Python's own library brings and calls by itself is left out: it differs from version to version.
    """
    before = set(sys.modules)
    handler = importlib.import_module(module).handler
    for _ in range(WARM_UP):
        handler(event, None)
    modules = Counter(name.partition(".")[0] for name in sys.modules.keys() - before)
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(REQUESTS):
        handler(event, None)
    profiler.disable()
    calls = by_package(pstats.Stats(profiler).stats, CALLS)  # type: ignore[attr-defined]
    return {"modules": _theirs(modules), "calls": {name: n // REQUESTS for name, n in _theirs(calls).items()}}


def _theirs(counts: Counter[str]) -> Counts:
    own = sys.stdlib_module_names | {OWN, "bench", "__main__"}
    return {name: n for name, n in sorted(counts.items()) if name not in own and not name.startswith("__")}


if __name__ == "__main__":
    print(json.dumps(count(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))))
