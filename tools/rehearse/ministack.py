"""An AWS on this machine: MiniStack, which really carries out what is deployed, and enforces who may do what."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import boto3

from tools.deploy.service import REGION, ROOT
from tools.engine import LEASH, free_port
from tools.problem import Problem

PYTHON = ROOT / ".tools" / "ministack" / "bin" / "python"
START_SECONDS = 60.0
STOP_SECONDS = 5.0
POLL_SECONDS = 0.05
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
"""The account's root. It is known to everybody: this AWS listens on this machine only."""


class MiniStack:
    """A MiniStack from start to end, as a context. It keeps everything in memory, and its files in one folder.

    Args:
        folder: for its temporary files and its log.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "ministack.log"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.region_name = REGION
        self.process: subprocess.Popen[bytes]

    def __enter__(self) -> MiniStack:
        if not PYTHON.is_file():
            raise Problem("MiniStack is not installed (.tools/ministack is missing): make rehearse installs it.")
        # What stands in the environment of this process is not for it: it would give it to the function.
        own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        own |= {"TMPDIR": str(self.folder), "AUTH": "true", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(self.port)}
        own |= {"MINISTACK_REGION": REGION, "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
        leash = [sys.executable, "-I", "-S", str(LEASH), str(os.getpid())]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*leash, str(PYTHON), "-m", "ministack"],
                cwd=self.folder,
                env=own,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._await_answer()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def client(self, service: str) -> Any:
        """Return boto3's client for a service of this AWS."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=self.region_name,
            endpoint_url=self.url,
            aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of a tool that is to use this AWS and no other: nobody's own keys are in it."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLS_"))}
        place = {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
        nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        quick = {"AWS_EC2_METADATA_DISABLED": "true", "SLS_AWS_MONITORING_FREQUENCY": "300"}
        return inherited | KEYS | place | nothing | quick

    def _await_answer(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if self._answers():
                return
            time.sleep(POLL_SECONDS)
        last = self.log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing."]
        raise Problem(f"MiniStack does not start: {last[0]}")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _end(self) -> None:
        """End it; it ends the functions that it runs."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
