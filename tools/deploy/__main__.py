"""Deploy a stage: ``python -m tools.deploy --stage STAGE`` (``make deploy STAGE=…``)."""

from __future__ import annotations

import os
from typing import Any

import boto3

from tools.cli import echo, run_main
from tools.deploy import osls
from tools.deploy.options import parse
from tools.deploy.release import release
from tools.deploy.stack import Stack


def main() -> None:
    """Run ``serverless deploy``, which checks and packages, and the smoke test. Roll back on failure."""
    options = parse()
    osls.check_installed()
    session: Any = boto3.Session(region_name=options.region)
    stack = Stack(session, options.stage, os.environ.get("AWS_ENDPOINT_URL"))
    address = release(options, stack)
    echo(f"{stack.name} works: {address}")


if __name__ == "__main__":
    run_main(main)
