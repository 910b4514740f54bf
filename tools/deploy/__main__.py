"""Deploys a stage: ``python -m tools.deploy --stage STAGE`` (``make deploy STAGE=…``)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3

from tools.deploy import artefact, order, preflight, service
from tools.deploy.order import Order
from tools.deploy.release import release
from tools.deploy.stack import Stack
from tools.problem import Problem, run_command, say


def main() -> None:
    """Check what can be checked, package, deploy, try, and go back if it does not work."""
    asked = order.read()
    service.check_stage(asked.stage)
    preflight.check_tools()
    given = artefact.read(asked.artifact, asked.sha256) if asked.artifact else None
    session: Any = boto3.Session(region_name=asked.region)
    account = preflight.check_credentials(session)
    preflight.check_cursor_key(session, asked.stage, asked.params)
    package = given or artefact.read(_built(asked), asked.sha256)
    stack = Stack(session, asked.stage)
    say(f"Deploying {package.version} (SHA-256 {package.digest}) as {stack.name}: {asked.region}, account {account}.")
    address = release(asked, package, stack)
    say(f"{stack.name} works, in version {package.version}: {address}")


def _built(asked: Order) -> Path:
    """Build the package, as ``make package`` does, and return where it is."""
    told = [f"--runtime={asked.runtime}", f"--architecture={asked.architecture}"]
    if subprocess.run([sys.executable, "-m", "tools.package", *told], cwd=service.ROOT, check=False).returncode:
        raise Problem("The package could not be built (see above). Nothing was changed.")
    return service.ROOT / "dist" / f"clowder-{asked.runtime}-{asked.architecture}.zip"


if __name__ == "__main__":
    run_command(main)
