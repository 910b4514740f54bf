"""Render the measurements: the tables and the goals for the terminal, and docs/performance.md."""

from __future__ import annotations

import statistics
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from string import Template

from bench.environment import BENCH_DIR
from bench.goals import FLOOR_MEASURES, GOALS, Goal, Measurements, Samples
from bench.handlers import CLOWDER
from bench.peer_packages import FLOOR, PEERS
from bench.profiles import Profile, Table
from bench.report_parts import ROOT, commit, machine, table
from bench.rounds import MEASURES, middle_half, ratio
from bench.worker import WARM_UP
from bench.workloads import WORKLOADS
from tools.package.target import host_target

REPORT = ROOT / "docs" / "performance.md"
MAX_ROWS = 12
"""The maximum number of rows of a profile table."""


def medians(data: Measurements) -> str:
    """Return the table of the medians of all handlers."""
    lines = [
        (
            f"{measure.title}, {measure.unit}",
            *(_digits(statistics.median(values)) for values in data[measure.key].values()),
        )
        for measure in MEASURES
    ]
    return table(("", CLOWDER.title, *(peer.title for peer in PEERS)), lines)


def ratios(data: Measurements) -> str:
    """Return the table of Clowder's medians divided by the medians of each peer."""
    lines = [
        (measure.title, *(f"{ratio(data[measure.key], peer.name):.2f}" for peer in PEERS))
        for measure in MEASURES
        if measure.title[0].isupper()
    ]
    return table(("Clowder's, divided by that of", *(peer.title for peer in PEERS)), lines)


def goals(data: Measurements) -> str:
    """Return the table of the goals with the measured values."""
    lines = []
    for goal in GOALS:
        spread = _spread(data[goal.measure], goal.peer) if goal.peer else ""
        lines.append((goal.title, f"≤ {goal.bound:.2f}", f"{goal.value(data):.2f}", spread, _verdict(goal, data)))
    return table(("", "goal", "measured", "middle half", ""), lines)


def shares(data: Measurements) -> str:
    """Return the table that compares Clowder with the floor."""
    lines = []
    for measure in MEASURES:
        if measure.key in FLOOR_MEASURES:
            samples = data[measure.key]
            both = (_digits(statistics.median(samples[name])) for name in (CLOWDER.name, FLOOR.name))
            share = f"{ratio(samples, FLOOR.name):.2f}"
            lines.append((f"{measure.title}, {measure.unit}", *both, share, _spread(samples, FLOOR.name)))
    return table(("", CLOWDER.title, FLOOR.title, "share of the floor", "middle half"), lines)


def goal_lines(data: Measurements) -> str:
    """Return the goals as machine-readable lines."""
    return "\n".join(goal.line(data) for goal in GOALS)


def render(data: Measurements, load: float, profile: Profile, page_figures: Mapping[str, str]) -> str:
    """Return docs/performance.md.

    Args:
        data: the measurements of all handlers.
        load: the load average at the start.
        profile: the profile of Clowder.
        page_figures: what ``pages.placeholders`` returns.
    """
    return Template((BENCH_DIR / "report.md").read_text(encoding="utf-8")).substitute(
        date=datetime.now(UTC).date().isoformat(),
        commit=commit(REPORT),
        python=_python(),
        machine=machine(),
        load=f"{load:.1f}",
        rounds=len(data["cold_ms"][CLOWDER.name]),
        requests=" or ".join(map(str, sorted({work.requests for work in WORKLOADS}))),
        warm_up=WARM_UP,
        goals=goals(data),
        shares=shares(data),
        medians=medians(data),
        ratios=ratios(data),
        **page_figures,
        **_profile_tables(profile),
        **{f"of_{peer.name}": _releases(peer.requirements) for peer in PEERS},
    )


def _profile_tables(profile: Profile) -> dict[str, str]:
    """Return the tables of the profile by their placeholders."""
    warm = profile.warm
    functions = [(f"`{name}`", f"{calls:g}", f"{share:.1%}") for name, calls, share in warm.functions[:MAX_ROWS]]
    return {
        "steps": table(("step", "CPU, ms"), _format_ms(profile.steps)),
        "packages": table(("package", "ms"), _format_ms(profile.packages[:MAX_ROWS])),
        "modules": table(("module", "ms"), _format_ms(profile.modules[:MAX_ROWS])),
        "store": f"{warm.store:.0%}",
        "warm_packages": table(
            ("package", "share"), [(name, f"{share:.1%}") for name, share in warm.packages[:MAX_ROWS]]
        ),
        "functions": table(("function", "calls per request", "own share"), functions),
    }


def _spread(samples: Samples, peer: str) -> str:
    """Return the range of the middle half of the rounds' ratios."""
    low, high = middle_half(samples, peer)
    return f"{low:.2f} to {high:.2f}"


def _verdict(goal: Goal, data: Measurements) -> str:
    excess = goal.value(data) - goal.bound
    return "reached" if goal.is_reached(data) else f"missed by {excess:.2f} ({excess / goal.bound:.0%})"


def _releases(requirements: Path) -> str:
    """Return the direct requirements: the first block of a requirements file and of the files that it includes."""
    releases = []
    for line in requirements.read_text(encoding="utf-8").split("\n\n")[0].splitlines():
        if line.startswith("-r "):
            releases.append(_releases(requirements.parent / line.removeprefix("-r ")))
        elif "==" in line:
            releases.append(line.partition("  #")[0].replace("==", " "))
    return ", ".join(releases)


def _python() -> str:
    """Return the name and version of the Python that runs the handlers."""
    code = "import platform as p; print(p.python_implementation(), p.python_version())"
    command = [host_target().interpreter(), "-S", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _format_ms(rows: Table) -> list[tuple[str, str]]:
    return [(name, f"{ms:.1f}") for name, ms in rows]


def _digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
