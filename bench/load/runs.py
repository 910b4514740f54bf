"""The two load tests: the server of ``make run``, and Lambda runtimes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.load import runtimes, wrk
from bench.load.process_monitor import ProcessMonitor
from bench.load.result import EMULATOR, LoadResult
from bench.load.server import LocalServer

CLIENTS = 8
"""The number of threads of the server of ``make run``. More clients would only wait for a thread."""


@contextmanager
def start_server() -> Iterator[tuple[LocalServer, Path]]:
    """Start a server in a temporary folder. Stop it and remove the folder at the end."""
    with TemporaryDirectory(prefix="clowder-load-") as name, LocalServer(Path(name)) as server:
        yield server, Path(name)


def load_server(seconds: int) -> LoadResult:
    """Load the server of ``make run``."""
    with start_server() as (server, home):
        types = server.prepare_mix(CLIENTS)
        with ProcessMonitor({"server": server.process.pid, EMULATOR: server.emulator_pid}, seconds) as monitor:
            responses = wrk.run_clients(server.url, types, CLIENTS, seconds, home)
    return LoadResult("make run's server", CLIENTS, seconds, types, responses, monitor.memory, monitor.cpu)


def load_runtimes(seconds: int, count: int) -> LoadResult:
    """Load Lambda runtimes with the packaged function. They share one table."""
    with start_server() as (server, home), runtimes.start_runtimes(server, count, home) as executions:
        types = server.prepare_mix(count)
        pids = {f"runtime {number}": execution.process.pid for number, execution in enumerate(executions, 1)}
        with ProcessMonitor({**pids, EMULATOR: server.emulator_pid}, seconds) as monitor:
            responses = runtimes.run_clients(executions, types, seconds)
    return LoadResult(f"{count} Lambda runtimes", count, seconds, types, responses, monitor.memory, monitor.cpu)
