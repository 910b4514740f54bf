"""A café of ``make run`` for callers to load: with a herd, a cat for each caller, and a token of the staff."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.load.mix import MIX, TAGGED, Kind
from tools.cli import CliError
from tools.deploy.smoke import fetch
from tools.local.child_server import ChildServer, free_port
from tools.local.data_dir import ROOT, DataDir, RunInfo

HERD = 40
"""Cats beside the sample's: enough for a list of 20 and a filter that finds as many."""


class Cafe(ChildServer):
    """A café that is opened as ``make run`` does it.

    Args:
        home: a folder that takes its data and its log.
    """

    label = "The café"
    health = "/health"
    start_seconds = 120.0
    stop_seconds = 10.0

    def __init__(self, home: Path) -> None:
        self.folder = DataDir(home / "data")
        port = free_port()
        self._told = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(self.folder.path)}
        super().__init__(
            [sys.executable, "-m", "tools.local"], port, home / "cafe.log", self._told | {"PORT": str(port)}
        )

    @property
    def running(self) -> RunInfo:
        """What runs, as the café has noted it."""
        running = self.folder.run_info()
        if running is None:
            raise CliError(f"The café has closed; see {self.log}.")
        return running

    @property
    def engine_pid(self) -> int:
        """The process of its database."""
        pid = self.running.engine_pid
        if pid is None:
            raise CliError("The café has no engine of its own.")
        return pid

    def mix(self, callers: int) -> tuple[Kind, ...]:
        """Take in the cats that are asked for, and return the mix with a token of the staff and a tag in it."""
        bearer = {"Authorization": f"Bearer {self._token()}"}
        for number in range(HERD):
            self._put(f"/cats/load-{number:02d}", {"status": "available", "goodWith": {"children": "yes"}}, bearer)
        for caller in range(callers):
            self._put(f"/cats/caller-{caller:02d}", {"status": "hold"}, bearer)
        tag = fetch(self.url + TAGGED).headers["ETag"]
        return tuple(kind.filled({"Bearer @token": bearer["Authorization"], "@tag": tag}) for kind in MIX)

    def _token(self) -> str:
        command = [sys.executable, "-m", "tools.local.token"]
        done = subprocess.run(
            command, cwd=ROOT, env=self._told | {"ROLE": "staff"}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CliError(f"There is no token: {done.stderr.strip()}")
        return done.stdout.strip()

    def _put(self, path: str, body: object, headers: dict[str, str]) -> None:
        told = fetch(self.url + path, "PUT", json.dumps(body).encode(), headers | {"Content-Type": "application/json"})
        if told.status not in (200, 201):
            raise CliError(f"The café is not ready: PUT {path} answered {told.status} {told.body.decode()}")
