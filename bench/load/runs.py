"""The two runs: the server of ``make run``, and Lambda runtimes side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.load import runtimes, wrk
from bench.load.cafe import Cafe
from bench.load.result import ENGINE, Result
from bench.load.watch import Watch

CALLERS = 8
"""As many as the server of ``make run`` has threads: with more, callers wait for a thread, not for the café."""


@contextmanager
def opened() -> Iterator[tuple[Cafe, Path]]:
    """Open a new café in a folder of its own, and leave nothing of it behind."""
    with TemporaryDirectory(prefix="clowder-load-") as name, Cafe(Path(name)) as cafe:
        yield cafe, Path(name)


def server(seconds: int) -> Result:
    """Load the server of ``make run``."""
    with opened() as (cafe, home):
        kinds = cafe.mix(CALLERS)
        with Watch({"server": cafe.process.pid, ENGINE: cafe.engine_pid}, seconds) as watch:
            called = wrk.drive(cafe.url, kinds, CALLERS, seconds, home)
    return Result("make run's server", CALLERS, seconds, kinds, called, watch.memory, watch.cpu)


def functions(seconds: int, count: int) -> Result:
    """Load as many runtimes of the packaged function, on one table."""
    with opened() as (cafe, home), runtimes.runtimes(cafe, count, home) as started:
        kinds = cafe.mix(count)
        pids = {f"runtime {number + 1}": one.process.pid for number, one in enumerate(started)}
        with Watch({**pids, ENGINE: cafe.engine_pid}, seconds) as watch:
            called = runtimes.drive(started, kinds, seconds)
    return Result(f"{count} Lambda runtimes", count, seconds, kinds, called, watch.memory, watch.cpu)
