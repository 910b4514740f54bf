"""MiniStack, a local AWS that runs the deployed function and enforces IAM policies."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from tools.cli import CliError
from tools.deploy.serverless_config import ROOT
from tools.local.child_server import ChildServer, free_port
from tools.region import REGION

PYTHON = ROOT / ".tools" / "ministack" / "bin" / "python"
PROGRAM = Path(__file__).with_name("emulator.py")
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
"""The keys of the root user. They are no secret, because MiniStack listens on 127.0.0.1 only."""


class MiniStack(ChildServer):
    """A MiniStack process, as a context manager. It stores its data in memory.

    Args:
        folder: the folder of its temporary files and its log.

    Raises:
        CliError: MiniStack is not installed.
    """

    label = "MiniStack"
    health = "/_ministack/health"
    start_seconds = 60.0
    stop_seconds = 5.0

    def __init__(self, folder: Path) -> None:
        if not PYTHON.is_file():
            raise CliError("MiniStack is not installed (.tools/ministack is missing). make rehearse installs it.")
        port = free_port()
        # MiniStack passes its environment to the function, so that it gets only what it needs.
        environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        environment |= {"TMPDIR": str(folder), "AUTH": "true", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
        environment |= {"MINISTACK_REGION": REGION, "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
        super().__init__([str(PYTHON), "-P", str(PROGRAM)], port, folder / "ministack.log", environment)
        self.region_name = REGION

    def client(self, service: str, keys: Mapping[str, str] = KEYS) -> Any:
        """Return a boto3 client of this AWS, by default with the keys of the root user."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=self.region_name,
            endpoint_url=self.url,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=keys.get("AWS_SESSION_TOKEN"),
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of a tool that uses only this AWS, without the user's AWS settings."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLS_"))}
        endpoint = {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
        no_files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        fast = {"AWS_EC2_METADATA_DISABLED": "true", "SLS_AWS_MONITORING_FREQUENCY": "300"}
        return inherited | KEYS | endpoint | no_files | fast
