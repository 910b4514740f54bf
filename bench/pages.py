"""What the pages of measurements have in common: of which commit and on which machine they are, and their tables."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def commit(*written: Path) -> str:
    """Return the commit that is checked out, and whether anything is changed since, but for what is being written."""
    short = _git("rev-parse", "--short", "HEAD") or "unknown"
    others = (f":!{path.relative_to(ROOT)}" for path in written)
    changed = _git("status", "--porcelain", "--", ".", *others)
    return f"{short} (and changes that are not committed)" if changed else short


def machine() -> str:
    """Return the name of the processor, how many cores there are, and the system."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        told = []
    models = [line.partition(":")[2].strip() for line in told if line.startswith("model name")]
    model = models[0] if models else platform.machine()
    return f"{model} ({os.cpu_count()} cores, {platform.system()})"


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown that can be read as it is; the first column is text, the others are numbers."""
    rows = [list(head), *map(list, lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    texts = [
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in [texts[0], rule, *texts[1:]])


def _git(*arguments: str) -> str:
    try:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
