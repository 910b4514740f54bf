"""Makes the key that a stage signs cursors and tags with, or a new version of it; prints the version, never the key.

Usage: ``make cursor-key STAGE=staging [ROTATE=yes]``, or ``python -m tools.ops.cursor_key --stage STAGE [--rotate]``

It lies in the Parameter Store as a String: CloudFormation puts no SecureString into a function's environment. The
function's environment is encrypted with a key of Lambda's; who may read either one can sign cursors, and no more.
"""

from __future__ import annotations

import argparse
import os
import secrets
from typing import Any

import boto3

from tools.cli import CliError, echo, run_main
from tools.deploy import serverless_config

KEY_BYTES = 48


def main() -> None:
    """Make the key, or a new version of it."""
    told = _arguments()
    serverless_config.check_stage(told.stage)
    session = boto3.Session(region_name=told.region)
    version = make(session, told.stage, rotate=told.rotate)
    echo(f"{parameter_name(told.stage)} in {told.region} has a new key, version {version}.")
    if told.rotate:
        echo(
            f'Nothing signs with it yet: write cursorKeyVersion: "{version}" below {told.stage} in serverless.yml, '
            "and deploy. Cursors that were given out before are then no longer taken."
        )


def parameter_name(stage: str) -> str:
    """Return the name under which the Parameter Store keeps the key, as serverless.yml has it."""
    return f"/{serverless_config.name()}/{stage}/cursor-key"


def find_version(session: Any, stage: str, version: str = "") -> int | None:
    """Return the number of a version of the key, the newest one's if none is told; None if it is not there.

    The key comes along, and is dropped: what tells the number alone (DescribeParameters) cannot be granted for one key.
    """
    client = session.client("ssm")
    selector = f":{version}" if version else ""
    try:
        found = client.get_parameter(Name=f"{parameter_name(stage)}{selector}")
    except (client.exceptions.ParameterNotFound, client.exceptions.ParameterVersionNotFound):
        return None
    return int(found["Parameter"]["Version"])


def make(session: Any, stage: str, *, rotate: bool) -> int:
    """Make the key and return its version.

    Args:
        session: boto3's, in the region of the stage.
        stage: whose key it is.
        rotate: whether there is one already; neither an old key nor a missing one is ever a surprise.

    Raises:
        CliError: there is a key already, or there is none to rotate.
    """
    there = find_version(session, stage)
    if there is None and rotate:
        raise CliError(f"There is no {parameter_name(stage)} to rotate; without --rotate the first one is made.")
    client = session.client("ssm")
    try:
        made = client.put_parameter(
            Name=parameter_name(stage), Value=secrets.token_urlsafe(KEY_BYTES), Type="String", Overwrite=rotate
        )
    except client.exceptions.ParameterAlreadyExists:
        raise CliError(
            f"{parameter_name(stage)} is there already, in version {there}; --rotate makes a new version of it. "
            "Nothing was changed."
        ) from None
    return int(made["Version"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.ops.cursor_key", description="Makes the key of a stage.")
    parser.add_argument("--stage", required=True, help="one of the stages in serverless.yml")
    parser.add_argument(
        "--region", default=os.environ.get("AWS_REGION") or serverless_config.REGION, help="AWS's region"
    )
    parser.add_argument("--rotate", action="store_true", help="make a new version of a key that is there")
    return parser.parse_args()


if __name__ == "__main__":
    run_main(main)
