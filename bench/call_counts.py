"""Count the modules that a cold start imports and the function calls of a warm GET. Print both by package as JSON.

Run this script in a fresh process. Counts do not depend on the machine or its load, as times do, so CI can check them.
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

from bench.profile_calls import CALLS, STANDARD_LIBRARY, sum_by_package

WARM_UP, REQUESTS = 20, 50
Counts = dict[str, int]


def count(module: str, event: dict[str, Any]) -> dict[str, Counts]:
    """Return the imported modules of a handler and the function calls of one GET, by package.

    The standard library is left out, because its counts differ between Python versions.
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
    calls = _third_party(sum_by_package(pstats.Stats(profiler).stats, CALLS))  # type: ignore[attr-defined]
    return {"modules": _third_party(modules), "calls": {name: number // REQUESTS for name, number in calls.items()}}


def _third_party(counts: Counter[str]) -> Counts:
    """Return the counts without the standard library and the benchmark."""
    excluded = sys.stdlib_module_names | {STANDARD_LIBRARY, "bench", "__main__"}
    return {
        name: number for name, number in sorted(counts.items()) if name not in excluded and not name.startswith("__")
    }


if __name__ == "__main__":
    print(json.dumps(count(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))))
