"""Prints what a café costs a month, and writes docs/cost.md: ``make cost``.

Usage: ``python -m tools.cost [--measure]``; with ``--measure`` requests are measured anew before.
"""

from __future__ import annotations

import argparse
import sys

from tools.cost import measure, mix, model, page, prices
from tools.problem import run_command, say


def main() -> None:
    """Measure if that is asked for, compute, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tools.cost", description="Says what a café costs a month.")
    parser.add_argument("--measure", action="store_true", help="measure requests anew; a minute on a quiet machine")
    if parser.parse_args().measure:
        print("Measuring ...", file=sys.stderr)
        measure.save(measure.measure())
    measured, told = measure.load(), prices.read()
    say(page.summary(page.bills(measured, told), model.servers(mix.HOURS, told)))
    page.PAGE.write_text(page.page(measured, told), encoding="utf-8")
    print(f"Written: docs/{page.PAGE.name}", file=sys.stderr)


if __name__ == "__main__":
    run_command(main)
