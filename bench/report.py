"""Writes what was measured: the tables and the goals for the terminal, and docs/performance.md."""

from __future__ import annotations

import statistics
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench.deployed import CLOWDER
from bench.goals import BEYOND_BOTO3, GOALS, Found, Goal, Numbers
from bench.installed import ALL, FLOOR
from bench.pages import ROOT, commit, machine, table
from bench.probe import WARM_UP
from bench.profiles import Profile, Table
from bench.rounds import MEASURES, middle, ratio
from bench.stage import HERE
from bench.workloads import WORKLOADS
from tools.package.target import host_target

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
        spread = _spread(found[goal.measure], goal.against) if goal.against else ""
        lines.append((goal.says, f"≤ {goal.bound:.2f}", f"{goal.value(found):.2f}", spread, _verdict(goal, found)))
    return table(("", "goal", "measured", "middle half", ""), lines)


def shares(found: Found) -> str:
    """Return the table of what Clowder takes as a share of the floor, with what both take."""
    lines = []
    for one in MEASURES:
        if one.key in BEYOND_BOTO3:
            numbers = found[one.key]
            both = (_digits(statistics.median(numbers[name])) for name in (CLOWDER.name, FLOOR.name))
            share = f"{ratio(numbers, FLOOR.name):.2f}"
            lines.append((f"{one.title}, {one.unit}", *both, share, _spread(numbers, FLOOR.name)))
    return table(("", CLOWDER.title, FLOOR.title, "share of the floor", "middle half"), lines)


def goal_lines(found: Found) -> str:
    """Return the goals as a program reads them."""
    return "\n".join(goal.line(found) for goal in GOALS)


def page(found: Found, load: float, profile: Profile) -> str:
    """Return the page."""
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
        shares=shares(found),
        medians=medians(found),
        ratios=ratios(found),
        **_profiles(profile),
        **{f"of_{peer.name}": _releases(peer.requirements) for peer in ALL},
    )


def _profiles(profile: Profile) -> dict[str, str]:
    """Return the tables of the profiles, by their names in the page."""
    warm = profile.warm
    functions = [(f"`{name}`", f"{calls:g}", f"{share:.1%}") for name, calls, share in warm.functions[:LONGEST]]
    return {
        "steps": table(("step", "CPU, ms"), _spent(profile.steps)),
        "packages": table(("package", "ms"), _spent(profile.packages[:LONGEST])),
        "modules": table(("module", "ms"), _spent(profile.modules[:LONGEST])),
        "store": f"{warm.store:.0%}",
        "spent": table(
            ("in the code of", "share"), [(name, f"{share:.1%}") for name, share in warm.packages[:LONGEST]]
        ),
        "functions": table(("function", "calls a request", "its own share"), functions),
    }


def _spread(numbers: Numbers, peer: str) -> str:
    """Return between which values the middle half of the rounds' ratios lies."""
    low, high = middle(numbers, peer)
    return f"{low:.2f} to {high:.2f}"


def _verdict(goal: Goal, found: Found) -> str:
    over = goal.value(found) - goal.bound
    return "reached" if goal.reached(found) else f"missed by {over:.2f} ({over / goal.bound:.0%})"


def _releases(requirements: Path) -> str:
    """Return the direct requirements of a list: those of its first lines, and of the lists that these name."""
    releases = []
    for line in requirements.read_text(encoding="utf-8").split("\n\n")[0].splitlines():
        if line.startswith("-r "):
            releases.append(_releases(requirements.parent / line.removeprefix("-r ")))
        elif "==" in line:
            releases.append(line.partition("  #")[0].replace("==", " "))
    return ", ".join(releases)


def _python() -> str:
    """Return the Python that runs what is deployed."""
    ask = "import platform as p; print(p.python_implementation(), p.python_version())"
    command = [host_target().interpreter(), "-S", "-c", ask]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _spent(found: Table) -> list[tuple[str, str]]:
    return [(name, f"{spent:.1f}") for name, spent in found]


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
