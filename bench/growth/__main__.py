"""Measures cafés of three sizes, says whether what they cost grows, and writes docs/growth.md with its pictures.

Other sizes than those of the page can be told, as in ``python -m bench.growth 100 10000``: then nothing is written.
"""

from __future__ import annotations

import sys

from bench.growth.measure import measure
from bench.growth.page import begin, documents
from bench.pages import ROOT
from tools.cli import CliError, echo, run_main

SIZES = (100, 10_000, 1_000_000)


def main() -> None:
    """Run all of it once, on a machine that should have nothing else to do."""
    begun, sizes = begin(), tuple(map(int, sys.argv[1:])) or SIZES
    run = measure(sizes)
    for line in run.lines():
        echo(line)
    for path, text in documents(run, begun).items() if sizes == SIZES else ():
        path.write_text(text, encoding="utf-8")
        print(f"Written: {path.relative_to(ROOT)}", file=sys.stderr)
    if grown := run.grown():
        raise CliError(f"What costs more in a larger café: {', '.join(grown)}.")


if __name__ == "__main__":
    run_main(main)
