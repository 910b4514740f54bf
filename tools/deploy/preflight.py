"""Checks before a deployment. Each failure stops the deployment before anything is changed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as AwsConnectionError

from tools.cli import CliError
from tools.deploy import osls, serverless_config
from tools.deploy.stack import Stack
from tools.ops.cursor_key import get_version, parameter_name


def check_tools(program: Path = osls.PROGRAM) -> None:
    """Check that Node and the serverless CLI are installed.

    Raises:
        CliError: one of them is missing.
    """
    if shutil.which("node") is None:
        raise CliError(
            "Deploying needs Node 20 or newer, but node was not found (https://nodejs.org). Nothing was changed."
        )
    if not program.is_file():
        raise CliError(
            f"The serverless CLI is not installed ({program} is missing). Run make install-dev. Nothing was changed."
        )


def check_credentials(session: Any) -> str:
    """Return the id of the AWS account.

    Raises:
        CliError: there are no credentials, or AWS rejects them.
    """
    try:
        return str(session.client("sts").get_caller_identity()["Account"])
    except ClientError as error:
        reason = error.response["Error"]["Message"].rstrip(".")
        raise CliError(f"AWS rejected the credentials: {reason}. Nothing was changed.") from None
    except (AwsConnectionError, HTTPClientError) as error:
        raise CliError(f"AWS cannot be reached: {error}. Nothing was changed.") from None
    except BotoCoreError as error:
        raise CliError(
            f"There are no AWS credentials ({str(error).rstrip('.')}). Log in, for example with aws sso login, "
            "or set AWS_PROFILE. Nothing was changed."
        ) from None


def check_cursor_key(session: Any, stage: str, params: Mapping[str, str]) -> None:
    """Check that the Parameter Store has the cursor key in the version that the function uses.

    Raises:
        CliError: the key or the version is missing.
    """
    version, name = serverless_config.parameter(stage, "cursorKeyVersion", params), parameter_name(stage)
    newest = get_version(session, stage)
    if newest is None:
        raise CliError(
            f"There is no parameter {name} in {session.region_name}, which holds the cursor key. "
            f"Create it with make cursor-key STAGE={stage}. Nothing was changed."
        )
    if get_version(session, stage, version) is None:
        raise CliError(f"{name} has no version {version}; the newest is {newest}. Nothing was changed.")


def check_package_type(stack: Stack, package_type: str) -> None:
    """Check that the function keeps its package type. Lambda cannot change it.

    Raises:
        CliError: the live function has the other package type.
    """
    live = stack.package_type()
    if live is not None and {live.lower(), package_type} == {"zip", "image"}:
        raise CliError(
            f"{stack.name} has packageType {live.lower()}, and Lambda cannot change it to {package_type}. "
            "Deploy to another stage. Nothing was changed."
        )
