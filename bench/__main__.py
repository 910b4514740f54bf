"""Measures, prints the table, and writes docs/performance.md."""

from __future__ import annotations

import os
import sys

from bench import profiles, report
from bench.rounds import ROUNDS, play
from bench.stage import ROOT, stage
from tools.problem import run_command


def main() -> None:
    """Run all benchmarks once, on a machine that should have nothing else to do."""
    load = os.getloadavg()[0]
    print(f"Measuring {ROUNDS} rounds; this takes some minutes ...", file=sys.stderr)
    with stage() as ready:
        rows = play(ready)
        print(report.comparison(rows), flush=True)
        page = report.page(rows, load, profiles.steps(ready), profiles.imports(ready), profiles.warm(ready))
    report.PAGE.parent.mkdir(exist_ok=True)
    report.PAGE.write_text(page, encoding="utf-8")
    print(f"Written: {report.PAGE.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    run_command(main)
