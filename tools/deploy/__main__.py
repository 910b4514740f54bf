"""Deploys a stage: ``python -m tools.deploy --stage STAGE`` (``make deploy STAGE=…``)."""

from __future__ import annotations

import os
from typing import Any

import boto3

from tools.cli import echo, run_main
from tools.deploy import artefact, options, preflight, serverless_config
from tools.deploy.artefact import Artefact
from tools.deploy.options import DeployOptions
from tools.deploy.release import release
from tools.deploy.stack import Stack
from tools.package.build import build
from tools.package.target import Target


def main() -> None:
    """Check what can be checked, package, deploy, try, and go back if it does not work."""
    asked = options.parse()
    serverless_config.check_stage(asked.stage)
    preflight.check_tools()
    given = artefact.read(asked.artifact, asked.sha256) if asked.artifact else None
    session: Any = boto3.Session(region_name=asked.region)
    account = preflight.check_credentials(session)
    preflight.check_cursor_key(session, asked.stage, asked.params)
    stack = Stack(session, asked.stage, os.environ.get("AWS_ENDPOINT_URL"))
    preflight.check_package_type(stack, asked.package_type)
    package = None if asked.image else given or _built(asked)
    echo(f"Deploying {package or asked.image} as {stack.name}, in {asked.region} of account {account}.")
    address = release(asked, package, stack)
    echo(f"{stack.name} works: {address}")


def _built(asked: DeployOptions) -> Artefact:
    target = Target.named(asked.runtime, asked.architecture)
    return artefact.read(build(target).path, asked.sha256)


if __name__ == "__main__":
    run_main(main)
