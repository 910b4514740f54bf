"""Loads both, prints the tables, writes docs/load.md, and fails if an answer was wrong or memory has grown.

DURATION is how many seconds each of both is loaded; RUNTIMES is how many runtimes there are.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from bench.load import page, runs, wrk
from tools.cli import CliError, echo, interrupt_on_signals, run_main
from tools.local.data_dir import ROOT

SOAK_SECONDS = 600
"""How long a run has to be for its numbers to be written down."""
SHORTEST_SECONDS = 2


def number(environ: Mapping[str, str], name: str, default: int, least: int) -> int:
    """Return a whole number that a variable tells."""
    told = environ.get(name) or str(default)
    if not (told.isascii() and told.isdigit() and int(told) >= least):
        raise CliError(f"{name}={told} is no whole number from {least}.")
    return int(told)


def main() -> None:
    """Run both, one after the other, on a machine that should have nothing else to do."""
    interrupt_on_signals()
    seconds = number(os.environ, "DURATION", SOAK_SECONDS, SHORTEST_SECONDS)
    count = number(os.environ, "RUNTIMES", os.cpu_count() or 1, 1)
    if sys.platform != "linux":
        raise CliError("make load looks into /proc, which only Linux has.")
    wrk.program()
    load = os.getloadavg()[0]
    print(f"Two runs of {seconds} seconds each, the second with {count} runtimes ...", file=sys.stderr)
    results = [runs.server(seconds), runs.functions(seconds, count)]
    echo(page.tables(results))
    if seconds >= SOAK_SECONDS:
        page.write(results, load)
        print(f"Written: {page.PAGE.relative_to(ROOT)}", file=sys.stderr)
    if faults := [fault for result in results for fault in result.faults()]:
        raise CliError(" ".join(faults))


if __name__ == "__main__":
    run_main(main)
