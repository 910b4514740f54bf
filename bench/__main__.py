"""Run all benchmarks, print the tables and the goals, and write docs/performance.md."""

from __future__ import annotations

import os
import sys

from bench import pages, profiles, report
from bench.environment import ROOT, bench_environment
from bench.handlers import deploy
from bench.rounds import parse_rounds, run_rounds
from tools.cli import echo, run_main
from tools.package.build import build
from tools.package.target import host_target


def main() -> None:
    """Run all benchmarks. The machine should be idle."""
    rounds = parse_rounds(os.environ.get("BENCH_ROUNDS"))
    load = os.getloadavg()[0]
    with bench_environment() as environment:
        _print_progress("Building the package and installing the peers ...")
        handlers = deploy(environment, build(host_target(), environment.folder / "dist"))
        _print_progress(f"Measuring {rounds} rounds; this takes some minutes ...")
        data = run_rounds(handlers, rounds)
        figures = pages.placeholders(pages.measure(handlers[0]), handlers[0])
        page = report.render(data, load, profiles.take_profile(handlers[0]), figures)
    report.REPORT.write_text(page, encoding="utf-8")
    _print_progress(f"Written: {report.REPORT.relative_to(ROOT)}")
    echo(
        f"{figures['pages']}\n\n{report.medians(data)}\n\n{report.ratios(data)}\n\n{report.shares(data)}\n\n{report.goal_lines(data)}"
    )


def _print_progress(line: str) -> None:
    """Print a line to standard error. Standard output has only the tables and the goals."""
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    run_main(main)
