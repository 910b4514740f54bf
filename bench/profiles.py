"""Profile Clowder: the steps of a cold start, the import times of modules, and the calls of a warm GET."""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections import Counter
from dataclasses import dataclass

from bench.environment import BENCH_DIR
from bench.handlers import Handler
from bench.profile_calls import STANDARD_LIBRARY
from bench.workloads import GET

RUNS = 7
REQUESTS = 2000
MIN_STEP_MS = 0.1
"""Steps that take less time are left out."""

Table = list[tuple[str, float]]

_IMPORT_TIME = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")


@dataclass(frozen=True)
class WarmProfile:
    """The profile of a warm GET, in shares of its time under the profiler."""

    store: float
    """The share of the call to the store, including boto3."""
    packages: Table
    functions: list[tuple[str, float, float]]
    """Name, calls of each request, share of the function itself."""


@dataclass(frozen=True)
class Profile:
    """The profile of a cold start in ms, and of a warm GET."""

    steps: Table
    packages: Table
    modules: Table
    warm: WarmProfile


def take_profile(clowder: Handler, runs: int = RUNS, requests: int = REQUESTS) -> Profile:
    """Return the medians of some cold starts, and the profile of many requests."""
    imports = [_import_times(clowder) for _ in range(runs)]
    packages = _medians([_sum_by_package(run) for run in imports])
    return Profile(profile_start(clowder, runs), packages, _medians(imports), profile_warm(clowder, requests))


def profile_start(clowder: Handler, runs: int) -> Table:
    """Return the steps of a cold start in their order, each with its median CPU time in ms."""
    results = [dict(json.loads(clowder.run(_script(clowder, "startup_times.py"))[0])) for _ in range(runs)]
    medians = {name: statistics.median(result[name] for result in results) for name in results[0]}
    return [(name, ms) for name, ms in medians.items() if ms >= MIN_STEP_MS]


def profile_warm(clowder: Handler, requests: int) -> WarmProfile:
    """Return the profile of a warm GET."""
    result = json.loads(clowder.run([*_script(clowder, "profile_calls.py"), str(requests)])[0])
    functions = [tuple(function) for function in result["functions"]]
    return WarmProfile(result["store"], list(result["packages"].items()), functions)


def _script(clowder: Handler, name: str) -> list[str]:
    return [str(BENCH_DIR / name), clowder.implementation.entry, str(clowder.case_file(GET))]


def _import_times(clowder: Handler) -> dict[str, float]:
    """Return the import time of each module in ms, without the imports inside it."""
    entry = clowder.implementation.entry
    command = [str(BENCH_DIR / "worker.py"), "cold", entry, str(clowder.case_file(GET)), "0"]
    _, log = clowder.run(["-X", "importtime", *command])
    # The time of the handler module is not that of imports: it creates the table and the app, which are steps.
    module = entry.partition(".")[0]
    return {name: int(own) / 1000 for own, name in _IMPORT_TIME.findall(log) if name != module}


def _sum_by_package(modules: dict[str, float]) -> dict[str, float]:
    sums: Counter[str] = Counter()
    for module, own in modules.items():
        package = module.partition(".")[0]
        sums[STANDARD_LIBRARY if package in sys.stdlib_module_names else package] += own  # type: ignore[assignment]
    return dict(sums)


def _medians(runs: list[dict[str, float]]) -> Table:
    names = set[str]().union(*runs)
    medians = {name: statistics.median(run.get(name, 0.0) for run in runs) for name in names}
    return sorted(medians.items(), key=lambda pair: -pair[1])
