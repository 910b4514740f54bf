"""Runs a program of somebody else's that answers HTTP on this machine, and ends when we do, however that may be."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from tools.cli import CliError

DIE_WITH_PARENT = Path(__file__).with_name("die_with_parent.py")
POLL_SECONDS = 0.01


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ChildServer:
    """A program that listens on this machine. As a context it runs from start to end; after a death it can start again.

    Args:
        command: the program and its arguments.
        port: where it listens on 127.0.0.1.
        log: the file that takes what it says.
        environment: what it finds in its environment; ours, if it is not told.
    """

    label: ClassVar[str] = "The program"
    """What people call it."""
    health: ClassVar[str] = "/"
    """Where it answers 200 when it is ready."""
    start_seconds: ClassVar[float] = 15.0
    stop_seconds: ClassVar[float] = 3.0
    error_class: ClassVar[type[CliError]] = CliError

    def __init__(self, command: list[str], port: int, log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.port, self.log = port, log
        self.url = f"http://127.0.0.1:{port}"
        self._command, self._environment = command, environment
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and return when it answers."""
        # In a session of its own: Ctrl-C in the terminal is for us, who end it after ourselves.
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
        """End it and return when it is gone."""
        self.process.terminate()
        try:
            self.process.wait(self.stop_seconds)
        except subprocess.TimeoutExpired:
            # It waits for open connections.
            self.kill()

    def kill(self) -> None:
        """End it as a power cut would (kill -9)."""
        self.process.kill()
        self.process.wait()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise self.error_class(f"{self.label} does not start: {self._last_log_line()}")
            if self._is_ready():
                return
            time.sleep(POLL_SECONDS)
        raise self.error_class(f"{self.label} has not answered for {self.start_seconds:g} seconds; see {self.log}.")

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", self.health)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _last_log_line(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing."
