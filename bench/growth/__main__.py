"""Measure three database sizes, write docs/growth.md with its charts, and fail if a cost grows unexpectedly.

Arguments are other sizes, for example ``python -m bench.growth 100 10000``. Then no file is written.
"""

from __future__ import annotations

import sys

from bench.growth.measure import measure
from bench.growth.report import describe_run, render
from bench.report_parts import ROOT
from tools.cli import CliError, echo, run_main

SIZES = (100, 10_000, 1_000_000)


def main() -> None:
    """Run the benchmark. The machine should be idle."""
    run_info, sizes = describe_run(), tuple(map(int, sys.argv[1:])) or SIZES
    result = measure(sizes)
    for line in result.lines():
        echo(line)
    for path, text in render(result, run_info).items() if sizes == SIZES else ():
        path.write_text(text, encoding="utf-8")
        print(f"Written: {path.relative_to(ROOT)}", file=sys.stderr)
    if names := result.growing():
        raise CliError(f"These requests cost more with more cats and to-dos: {', '.join(names)}.")


if __name__ == "__main__":
    run_main(main)
