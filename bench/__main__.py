"""Measures everybody, prints the tables and the goals, and writes docs/performance.md."""

from __future__ import annotations

import os
import sys

from bench import profiles, report
from bench.deployed import deploy
from bench.rounds import number_of_rounds, play
from bench.stage import ROOT, stage
from tools.cli import echo, run_main
from tools.package.build import build
from tools.package.target import host_target


def main() -> None:
    """Run all benchmarks once, on a machine that should have nothing else to do."""
    number = number_of_rounds(os.environ.get("BENCH_ROUNDS"))
    load = os.getloadavg()[0]
    with stage() as ready:
        _tell("Building the package, and installing whom it is compared with ...")
        handlers = deploy(ready, build(host_target(), ready.folder / "dist"))
        _tell(f"Measuring {number} rounds; this takes some minutes ...")
        found = play(handlers, number)
        page = report.page(found, load, profiles.take(handlers[0]))
    report.PAGE.write_text(page, encoding="utf-8")
    _tell(f"Written: {report.PAGE.relative_to(ROOT)}")
    echo(f"{report.medians(found)}\n\n{report.ratios(found)}\n\n{report.shares(found)}\n\n{report.goal_lines(found)}")


def _tell(line: str) -> None:
    """Say something on the way; standard output has the tables and the goals alone."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    run_main(main)
