"""Deploy a stage: ``python -m tools.deploy --stage STAGE`` (``make deploy STAGE=…``)."""

from __future__ import annotations

import os
from typing import Any

import boto3

from tools.cli import echo, run_main
from tools.deploy import artefact, preflight, serverless_config
from tools.deploy.options import parse
from tools.deploy.release import release
from tools.deploy.stack import Stack
from tools.package.build import build
from tools.package.target import Target


def main() -> None:
    """Check the requirements, build the package if none is given, and release it."""
    options = parse()
    serverless_config.check_stage(options.stage)
    preflight.check_tools()
    package = artefact.read(options.artifact, options.sha256) if options.artifact else None
    session: Any = boto3.Session(region_name=options.region)
    account = preflight.check_credentials(session)
    preflight.check_cursor_key(session, options.stage, options.params)
    stack = Stack(session, options.stage, os.environ.get("AWS_ENDPOINT_URL"))
    preflight.check_package_type(stack, options.package_type)
    if package is None and not options.image:
        target = Target.named(options.runtime, options.architecture)
        package = artefact.read(build(target).path, options.sha256)
    echo(f"Deploying {options.image or package} as {stack.name} to {options.region}, account {account}.")
    address = release(options, package, stack)
    echo(f"{stack.name} works: {address}")


if __name__ == "__main__":
    run_main(main)
