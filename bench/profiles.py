"""Where our own time goes: the steps of a cold start, whose modules it imports, in whose code a warm GET is."""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections import Counter
from dataclasses import dataclass

from bench.stage import HERE, OURS, Stage

RUNS = 7
REQUESTS = 3000
OWN = "Python's own library"

Table = list[tuple[str, float]]

_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")


@dataclass(frozen=True)
class Warm:
    """Where a warm GET is, in shares of its time under the profiler."""

    store: float
    """In the call to the store, all that botocore does for it included."""
    packages: Table
    functions: list[tuple[str, float, float]]
    """Name, calls for each request, share."""


def steps(stage: Stage, runs: int = RUNS) -> Table:
    """Return the steps of a start in their order, each with its CPU time in ms."""
    told = [dict(json.loads(stage.run([str(HERE / "steps.py"), str(stage.event)])[0])) for _ in range(runs)]
    return [(name, statistics.median(run[name] for run in told)) for name in told[0]]


def imports(stage: Stage, runs: int = RUNS) -> tuple[Table, Table]:
    """Return packages and modules with what importing them takes in ms, each without what it imports in turn."""
    found = [_imported(stage) for _ in range(runs)]
    return _medians([_by_package(run) for run in found]), _medians(found)


def warm(stage: Stage, requests: int = REQUESTS) -> Warm:
    """Return where a warm GET is."""
    told = json.loads(stage.run([str(HERE / "spent.py"), str(stage.event), str(requests)])[0])
    return Warm(told["store"], list(told["packages"].items()), [tuple(one) for one in told["functions"]])


def _imported(stage: Stage) -> dict[str, float]:
    arguments = ["-X", "importtime", str(HERE / "probe.py"), "cold", OURS, str(stage.event), "0"]
    _, told = stage.run(arguments)
    # The handler's own line is not that of an import: it makes the client and the app, which are steps.
    return {module: int(own) / 1000 for own, module in _LINE.findall(told) if module != OURS}


def _by_package(modules: dict[str, float]) -> dict[str, float]:
    spent: Counter[str] = Counter()
    for module, own in modules.items():
        top = module.partition(".")[0]
        spent[OWN if top in sys.stdlib_module_names else top] += own  # type: ignore[assignment]
    return dict(spent)


def _medians(runs: list[dict[str, float]]) -> Table:
    names = set[str]().union(*runs)
    found = {name: statistics.median(run.get(name, 0.0) for run in runs) for name in names}
    return sorted(found.items(), key=lambda pair: -pair[1])
