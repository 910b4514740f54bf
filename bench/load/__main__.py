"""Run both load tests, print the tables, write docs/load.md, and fail on unexpected responses or growing memory.

DURATION is the duration of each test in seconds. RUNTIMES is the number of Lambda runtimes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from bench.load import report, runs, wrk
from tools.cli import CliError, echo, interrupt_on_signals, run_main
from tools.local.data_dir import ROOT

REPORT_SECONDS = 600
"""The minimum duration of a test whose results are written to the report."""
MIN_SECONDS = 2


def read_integer(environ: Mapping[str, str], name: str, default: int, minimum: int) -> int:
    """Return the integer value of an environment variable.

    Raises:
        CliError: the value is not an integer, or below the minimum.
    """
    text = environ.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) >= minimum):
        raise CliError(f"{name} must be an integer of at least {minimum}, not {text}.")
    return int(text)


def main() -> None:
    """Run both tests. The machine should be idle."""
    interrupt_on_signals()
    seconds = read_integer(os.environ, "DURATION", REPORT_SECONDS, MIN_SECONDS)
    runtimes = read_integer(os.environ, "RUNTIMES", os.cpu_count() or 1, 1)
    if sys.platform != "linux":
        raise CliError("make load reads /proc, so it runs only on Linux.")
    wrk.find_program()
    load = os.getloadavg()[0]
    print(f"Two tests of {seconds} seconds each, the second with {runtimes} runtimes ...", file=sys.stderr)
    results = [runs.load_server(seconds), runs.load_runtimes(seconds, runtimes)]
    echo(report.tables(results))
    if seconds >= REPORT_SECONDS:
        report.write(results, load)
        print(f"Written: {report.REPORT.relative_to(ROOT)}", file=sys.stderr)
    if problems := [problem for result in results for problem in result.problems()]:
        raise CliError(" ".join(problems))


if __name__ == "__main__":
    run_main(main)
