"""What would fail is found before anything is changed, and said in one sentence."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as WireError

from tools.cli import CliError
from tools.deploy import osls, serverless_config
from tools.deploy.stack import Stack
from tools.ops.cursor_key import find_version, parameter_name

VERSION = "cursorKeyVersion"


def check_tools(program: Path = osls.PROGRAM) -> None:
    """Find the programs that come from npm, or the one that is named.

    Raises:
        CliError: they are not installed.
    """
    if shutil.which("node") is None:
        raise CliError(
            "Deploying needs Node 20 or newer, and node is not found: https://nodejs.org. Nothing was changed."
        )
    if not program.is_file():
        raise CliError(
            f"The serverless CLI is not installed ({program} is missing): make install-dev installs it. "
            "Nothing was changed."
        )


def check_credentials(session: Any) -> str:
    """Ask AWS who is calling, and return the account.

    Raises:
        CliError: there are no credentials, or AWS does not take them.
    """
    try:
        return str(session.client("sts").get_caller_identity()["Account"])
    except ClientError as error:
        told = error.response["Error"]["Message"].rstrip(".")
        raise CliError(f"AWS does not take these credentials: {told}. Nothing was changed.") from None
    except (WireError, HTTPClientError) as error:
        raise CliError(f"AWS cannot be reached: {error}. Nothing was changed.") from None
    except BotoCoreError as error:
        raise CliError(
            f"There are no AWS credentials to deploy with ({str(error).rstrip('.')}): log in, for example with "
            "aws sso login, or set AWS_PROFILE. Nothing was changed."
        ) from None


def check_cursor_key(session: Any, stage: str, told: Mapping[str, str]) -> None:
    """Find the key that the function signs with, in the version that it will ask for.

    Raises:
        CliError: it is not there.
    """
    version, name = serverless_config.parameter(stage, VERSION, told), parameter_name(stage)
    newest = find_version(session, stage)
    if newest is None:
        raise CliError(
            f"There is no parameter {name} in {session.region_name}, from which the function gets the key it signs "
            f"with: make cursor-key STAGE={stage} makes it. Nothing was changed."
        )
    if find_version(session, stage, version) is None:
        raise CliError(f"{name} has no version {version}: the newest one is {newest}. Nothing was changed.")


def check_package_type(stack: Stack, asked: str) -> None:
    """Let a function stay what it is: Lambda makes no image of a package, nor the other way round, under one name.

    Raises:
        CliError: ``zip`` or ``image`` is asked for, and the stage runs the other one.
    """
    live = stack.package_type()
    if live is not None and {live.lower(), asked} == {"zip", "image"}:
        raise CliError(
            f"{stack.name} runs packageType {live.lower()}, and Lambda makes no {asked} of that under the same name: "
            "it takes another stage. Nothing was changed."
        )
