"""The server of ``make run`` as the target of a load test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.load.mix import CONDITIONAL_PATH, MIX, RequestType
from tools.cli import CliError, library_path
from tools.deploy.smoke import fetch
from tools.local.child_server import ChildServer, free_port
from tools.local.data_dir import ROOT, DataDir, RunInfo

LISTED_CATS = 40
"""The number of cats in addition to the sample data. A list and a filter both find more than 20."""


class LocalServer(ChildServer):
    """A server that ``make run`` starts.

    Args:
        home: the folder for the data and the log.
    """

    label = "The server"
    health = "/health"
    start_seconds = 120.0
    stop_seconds = 10.0

    def __init__(self, home: Path) -> None:
        self.data_dir = DataDir(home / "data")
        port = free_port()
        self._variables = library_path() | {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DATA_DIR": str(self.data_dir.path),
        }  # fmt: skip
        super().__init__(
            [sys.executable, "-m", "tools.local"], port, home / "server.log", self._variables | {"PORT": str(port)}
        )

    @property
    def run_info(self) -> RunInfo:
        """The run information that the server has written."""
        run_info = self.data_dir.run_info()
        if run_info is None:
            raise CliError(f"The server has stopped; see {self.log}.")
        return run_info

    @property
    def emulator_pid(self) -> int:
        """The process id of the DynamoDB emulator."""
        pid = self.run_info.engine_pid
        if pid is None:
            raise CliError("The server has not started an emulator.")
        return pid

    def prepare_mix(self, clients: int) -> tuple[RequestType, ...]:
        """Create the cats that the requests need. Return the request mix with a session token and an entity tag."""
        authorization = {"Authorization": f"Bearer {self._create_token()}"}
        for number in range(LISTED_CATS):
            body = {"status": "available", "goodWith": {"children": "yes"}}
            self._put(f"/cats/load-{number:02d}", body, authorization)
        for client in range(clients):
            self._put(f"/cats/client-{client:02d}", {"status": "hold"}, authorization)
        tag = fetch(self.url + CONDITIONAL_PATH).headers["ETag"]
        values = {"Bearer @token": authorization["Authorization"], "@tag": tag}
        return tuple(request_type.substitute(values) for request_type in MIX)

    def _create_token(self) -> str:
        command = [sys.executable, "-m", "tools.local.token"]
        process = subprocess.run(
            command, cwd=ROOT, env=self._variables | {"ROLE": "staff"}, capture_output=True, text=True, check=False
        )
        if process.returncode:
            raise CliError(f"The token could not be created: {process.stderr.strip()}")
        return process.stdout.strip()

    def _put(self, path: str, body: object, headers: dict[str, str]) -> None:
        content = json.dumps(body).encode()
        response = fetch(self.url + path, "PUT", content, headers | {"Content-Type": "application/json"})
        if response.status not in (200, 201):
            raise CliError(f"The cats could not be created: PUT {path}: {response.status} {response.body.decode()}")
