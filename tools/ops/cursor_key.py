"""Create or rotate the cursor key of a stage. Print its version, not the key.

Usage: ``make cursor-key STAGE=staging [ROTATE=yes]``, or ``python -m tools.ops.cursor_key --stage STAGE [--rotate]``

The Parameter Store holds the key as a String, because CloudFormation cannot put a SecureString into the environment of
a function. Lambda encrypts the environment. The key signs cursors and device cookies, and is the secret of sessions and
of the fingerprints of repeated requests. A caller who can read it can sign cursors and device cookies, but not log in.
"""

from __future__ import annotations

import argparse
import secrets
from typing import Any

import boto3

from tools.cli import CliError, echo, run_main
from tools.deploy import serverless_config
from tools.region import add_region_option

KEY_BYTES = 48


def main() -> None:
    """Create or rotate the key."""
    arguments = _arguments()
    stage = arguments.stage
    serverless_config.check_stage(stage)
    version = put_key(boto3.Session(region_name=arguments.region), stage, rotate=arguments.rotate)
    echo(f"{parameter_name(stage)} in {arguments.region} has a new key, version {version}.")
    if arguments.rotate:
        echo(
            "The function does not use it yet. The next deployment does, unless cursorKeyVersion pins another version: "
            "all sessions then end, and cursors and device cookies of the old key are rejected."
        )


def parameter_name(stage: str) -> str:
    """Return the name of the parameter in the Parameter Store; serverless.yml contains the same name."""
    return f"/{serverless_config.name()}/{stage}/cursor-key"


def get_version(session: Any, stage: str, version: str = "") -> int | None:
    """Return the number of the given or the newest version of the key; None if it does not exist.

    The response also contains the key. DescribeParameters would not, but cannot be granted for a single parameter.
    """
    client = session.client("ssm")
    selector = f":{version}" if version else ""
    try:
        response = client.get_parameter(Name=f"{parameter_name(stage)}{selector}")
    except (client.exceptions.ParameterNotFound, client.exceptions.ParameterVersionNotFound):
        return None
    return int(response["Parameter"]["Version"])


def put_key(session: Any, stage: str, *, rotate: bool) -> int:
    """Store a new key and return its version.

    Args:
        session: a boto3 session in the region of the stage.
        stage: the stage.
        rotate: whether a key must exist already; otherwise none may exist.

    Raises:
        CliError: a key exists already, or there is no key to rotate.
    """
    existing = get_version(session, stage)
    if existing is None and rotate:
        raise CliError(f"There is no {parameter_name(stage)} to rotate. Create it without --rotate.")
    client = session.client("ssm")
    try:
        response = client.put_parameter(
            Name=parameter_name(stage), Value=secrets.token_urlsafe(KEY_BYTES), Type="String", Overwrite=rotate
        )
    except client.exceptions.ParameterAlreadyExists:
        raise CliError(
            f"{parameter_name(stage)} exists already, in version {existing}. --rotate creates a new version. "
            "Nothing was changed."
        ) from None
    return int(response["Version"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.ops.cursor_key", description="Create a stage's cursor key.")
    parser.add_argument("--stage", required=True, help="a stage in serverless.yml")
    add_region_option(parser)
    parser.add_argument("--rotate", action="store_true", help="create a new version of an existing key")
    return parser.parse_args()


if __name__ == "__main__":
    run_main(main)
