"""An AWS on this machine: MiniStack, which really carries out what is deployed, and enforces who may do what."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from tools.cli import CliError
from tools.deploy.serverless_config import REGION, ROOT
from tools.local.child_server import ChildServer, free_port

PYTHON = ROOT / ".tools" / "ministack" / "bin" / "python"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
"""The account's root. It is known to everybody: this AWS listens on this machine only."""


class MiniStack(ChildServer):
    """A MiniStack from start to end, as a context. It keeps everything in memory, and its files in one folder.

    Args:
        folder: for its temporary files and its log.

    Raises:
        CliError: it is not installed.
    """

    label = "MiniStack"
    health = "/_ministack/health"
    start_seconds = 60.0
    stop_seconds = 5.0

    def __init__(self, folder: Path) -> None:
        if not PYTHON.is_file():
            raise CliError("MiniStack is not installed (.tools/ministack is missing): make rehearse installs it.")
        port = free_port()
        # What stands in the environment of this process is not for it: it would give it to the function.
        own = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        own |= {"TMPDIR": str(folder), "AUTH": "true", "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}
        own |= {"MINISTACK_REGION": REGION, "IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
        super().__init__([str(PYTHON), "-m", "ministack"], port, folder / "ministack.log", own)
        self.region_name = REGION

    def client(self, service: str, keys: Mapping[str, str] = KEYS) -> Any:
        """Return boto3's client for a service of this AWS; root's, unless somebody's keys are given."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=self.region_name,
            endpoint_url=self.url,
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )

    def environment(self) -> dict[str, str]:
        """Return the environment of a tool that is to use this AWS and no other: nobody's own keys are in it."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLS_"))}
        place = {"AWS_ENDPOINT_URL": self.url, "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION}
        nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        quick = {"AWS_EC2_METADATA_DISABLED": "true", "SLS_AWS_MONITORING_FREQUENCY": "300"}
        return inherited | KEYS | place | nothing | quick
