"""Runs an HTTP server as a child process that ends with this process, even after ``kill -9``."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from tools.cli import CliError, library_path

DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")
POLL_SECONDS = 0.01


def free_port() -> int:
    """Return a TCP port that is not in use."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ChildServer:
    """A child process that serves HTTP. As a context manager it runs inside the block. It can be started again.

    Args:
        command: the program and its arguments.
        port: the port that the program listens on.
        log: the file for the output of the program.
        environment: the environment of the program, besides LD_LIBRARY_PATH; by default that of this process.
        host: the loopback address that the program listens on.
    """

    label: ClassVar[str] = "The program"
    """The name of the program in messages."""
    health: ClassVar[str] = "/"
    """The path that returns 200 when the program is ready."""
    start_seconds: ClassVar[float] = 15.0
    stop_seconds: ClassVar[float] = 3.0
    error_class: ClassVar[type[CliError]] = CliError

    def __init__(
        self,
        command: list[str],
        port: int,
        log: Path,
        environment: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.host, self.port, self.log = host, port, log
        self.url = f"http://{host}:{port}"
        self._command = command
        self._environment = None if environment is None else {**library_path(), **environment}
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the program and wait until it is ready."""
        # A session of its own, so that Ctrl-C in the terminal reaches only this process, which then stops the child.
        wrapper = [sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid())]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                wrapper + self._command,
                env=self._environment,
                cwd=self.log.parent,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def stop(self) -> None:
        """Terminate the program and wait until it has ended."""
        self.process.terminate()
        try:
            self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            # The program still waits for open connections.
            self.kill()

    def kill(self) -> None:
        """Kill the program with SIGKILL."""
        self.process.kill()
        self.process.wait()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise self.error_class(f"{self.label} could not start: {self._last_log_line()}")
            if self._is_ready():
                return
            time.sleep(POLL_SECONDS)
        raise self.error_class(f"{self.label} was not ready after {self.start_seconds:g} seconds; see {self.log}.")

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=1)
        try:
            connection.request("GET", self.health)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _last_log_line(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "its log is empty."
