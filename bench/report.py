"""Writes what was measured: the tables and the goals for the terminal, and docs/performance.md."""

from __future__ import annotations

import statistics
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench.deployed import CLOWDER
from bench.goals import GOALS, Found, Goal
from bench.installed import ALL
from bench.pages import ROOT, commit, machine, table
from bench.probe import WARM_UP
from bench.profiles import Profile, Table
from bench.rounds import MEASURES, middle, ratio
from bench.stage import HERE
from bench.workloads import WORKLOADS
from tools.package.target import here

PAGE = ROOT / "docs" / "performance.md"
LONGEST = 12
"""How many lines a list of what takes time has."""


def medians(found: Found) -> str:
    """Return the table of what was measured of all: the medians."""
    lines = [
        (f"{one.title}, {one.unit}", *(_digits(statistics.median(numbers)) for numbers in found[one.key].values()))
        for one in MEASURES
    ]
    return table(("", CLOWDER.title, *(peer.title for peer in ALL)), lines)


def ratios(found: Found) -> str:
    """Return the table of our medians divided by everybody's."""
    lines = [
        (one.title, *(f"{ratio(found[one.key], peer.name):.2f}" for peer in ALL))
        for one in MEASURES
        if one.title[0].isupper()
    ]
    return table(("Clowder's, divided by that of", *(peer.title for peer in ALL)), lines)


def goals(found: Found) -> str:
    """Return the table of what is aimed at, with what it came to."""
    lines = []
    for goal in GOALS:
        low, high = middle(found[goal.measure], goal.against) if goal.against else (0.0, 0.0)
        spread = f"{low:.2f} to {high:.2f}" if goal.against else ""
        lines.append((goal.says, f"≤ {goal.bound:.2f}", f"{goal.value(found):.2f}", spread, _verdict(goal, found)))
    return table(("", "goal", "measured", "middle half", ""), lines)


def goal_lines(found: Found) -> str:
    """Return the goals as a program reads them."""
    return "\n".join(goal.line(found) for goal in GOALS)


def page(found: Found, load: float, profile: Profile) -> str:
    """Return the page."""
    warm = profile.warm
    spent = [(name, f"{share:.1%}") for name, share in warm.packages[:LONGEST]]
    functions = [(f"`{name}`", f"{calls:g}", f"{share:.1%}") for name, calls, share in warm.functions[:LONGEST]]
    return Template((HERE / "page.md").read_text(encoding="utf-8")).substitute(
        date=datetime.now(UTC).date().isoformat(),
        commit=commit(PAGE),
        python=_python(),
        machine=machine(),
        load=f"{load:.1f}",
        rounds=len(found["cold_ms"][CLOWDER.name]),
        requests=" or ".join(map(str, sorted({work.requests for work in WORKLOADS}))),
        warm_up=WARM_UP,
        goals=goals(found),
        medians=medians(found),
        ratios=ratios(found),
        steps=table(("step", "CPU, ms"), _spent(profile.steps)),
        packages=table(("package", "ms"), _spent(profile.packages[:LONGEST])),
        modules=table(("module", "ms"), _spent(profile.modules[:LONGEST])),
        store=f"{warm.store:.0%}",
        spent=table(("in the code of", "share"), spent),
        functions=table(("function", "calls a request", "its own share"), functions),
        **{f"of_{peer.name}": _releases(peer.requirements) for peer in ALL},
    )


def _verdict(goal: Goal, found: Found) -> str:
    over = goal.value(found) - goal.bound
    return "reached" if goal.reached(found) else f"missed by {over:.2f} ({over / goal.bound:.0%})"


def _releases(requirements: Path) -> str:
    """Return the direct requirements of a list: those of its first lines, and of the lists that these name."""
    told = []
    for line in requirements.read_text(encoding="utf-8").split("\n\n")[0].splitlines():
        if line.startswith("-r "):
            told.append(_releases(requirements.parent / line.removeprefix("-r ")))
        elif "==" in line:
            told.append(line.partition("  #")[0].replace("==", " "))
    return ", ".join(told)


def _python() -> str:
    """Return the Python that runs what is deployed."""
    ask = "import platform as p; print(p.python_implementation(), p.python_version())"
    command = [here().interpreter(), "-S", "-c", ask]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _spent(found: Table) -> list[tuple[str, str]]:
    return [(name, f"{spent:.1f}") for name, spent in found]


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
