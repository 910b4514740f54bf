"""The embedded DynamoDB: Dynoxide, one binary from npm that keeps a table in one SQLite file."""

from __future__ import annotations

import http.client
import os
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from tools.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
LEASH = Path(__file__).with_name("leash.py")
START_SECONDS = 15.0
STOP_SECONDS = 3.0
POLL_SECONDS = 0.01

_MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class EngineError(Problem):
    """The engine is missing, or does not start."""


def find_engine(modules: Path = ROOT / "node_modules") -> Path:
    """Return the engine's binary for this machine, where npm put it."""
    machine = platform.machine().lower()
    place = modules / "@dynoxide" / f"{sys.platform}-{_MACHINES.get(machine, machine)}"
    binary = place / ("dynoxide.exe" if sys.platform == "win32" else "dynoxide")
    if not binary.is_file():
        raise EngineError(
            f"The database engine is not installed ({binary.parent} is missing). Remove node_modules and run make "
            "again; where there is no engine for this machine, set DYNAMODB_URL to another DynamoDB."
        )
    return binary


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Engine:
    """An engine on one database file. As a context it runs from start to end; it can be started again after a death.

    Args:
        database: the file, made if it is not there.
        port: where to listen on 127.0.0.1; a free one if none is given.
        binary: the program; the installed one if none is given.
    """

    def __init__(self, database: Path, port: int | None = None, binary: Path | None = None) -> None:
        self.database = database.resolve()
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = self.database.with_name("engine.log")
        self._binary = binary or find_engine()
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Engine:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the engine and return when it answers."""
        # In a session of its own: Ctrl-C in the terminal is for the server, which ends the engine after itself.
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid())]
        command = [str(self._binary), "serve", "--port", str(self.port), "--db-path", str(self.database)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                leash + command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._await_answer()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """End the engine and return when it is gone."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # It waits for open connections. Every write it acknowledged is in its file already.
            self.kill()

    def kill(self) -> None:
        """End the engine as a power cut would (kill -9)."""
        self.process.kill()
        self.process.wait()

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise EngineError(f"The database engine does not start: {self._last_words()}")
            if self._answers():
                return
            time.sleep(POLL_SECONDS)
        raise EngineError(f"The database engine has not answered for {START_SECONDS:g} seconds; see {self.log}.")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing."
