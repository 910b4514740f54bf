"""Where our own time goes: the steps of a cold start, whose modules it imports, in whose code a warm GET is."""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections import Counter
from dataclasses import dataclass

from bench.deployed import Handler
from bench.spent import OWN
from bench.stage import HERE
from bench.workloads import GET

RUNS = 7
REQUESTS = 2000
SHORTEST = 0.1
"""Statements that take less, in ms, are no steps."""

Table = list[tuple[str, float]]

_LINE = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")


@dataclass(frozen=True)
class Warm:
    """Where a warm GET is, in shares of its time under the profiler."""

    store: float
    """The call to the store, with all work of boto3."""
    packages: Table
    functions: list[tuple[str, float, float]]
    """Name, calls for each request, share."""


@dataclass(frozen=True)
class Profile:
    """Where our time goes; of a start in ms."""

    steps: Table
    packages: Table
    modules: Table
    warm: Warm


def take(ours: Handler, runs: int = RUNS, requests: int = REQUESTS) -> Profile:
    """Return where our time goes: medians of some starts, and a profile of many requests."""
    imported = [_imported(ours) for _ in range(runs)]
    packages = _medians([_by_package(run) for run in imported])
    return Profile(steps(ours, runs), packages, _medians(imported), warm(ours, requests))


def steps(ours: Handler, runs: int) -> Table:
    """Return the steps of a start in their order, each with its CPU time in ms."""
    told = [dict(json.loads(ours.run(_script(ours, "steps.py"))[0])) for _ in range(runs)]
    medians = {name: statistics.median(run[name] for run in told) for name in told[0]}
    return [(name, spent) for name, spent in medians.items() if spent >= SHORTEST]


def warm(ours: Handler, requests: int) -> Warm:
    """Return where a warm GET is."""
    told = json.loads(ours.run([*_script(ours, "spent.py"), str(requests)])[0])
    return Warm(told["store"], list(told["packages"].items()), [tuple(one) for one in told["functions"]])


def _script(ours: Handler, name: str) -> list[str]:
    return [str(HERE / name), ours.who.entry, str(ours.request(GET))]


def _imported(ours: Handler) -> dict[str, float]:
    """Return what importing each module takes, in ms, without what it imports in turn."""
    probe = [str(HERE / "probe.py"), "cold", ours.who.entry, str(ours.request(GET)), "0"]
    _, told = ours.run(["-X", "importtime", *probe])
    # The handler's own line is not that of an import: it makes the store and the app, which are steps.
    module = ours.who.entry.partition(".")[0]
    return {name: int(own) / 1000 for own, name in _LINE.findall(told) if name != module}


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
