"""Test that wrong input of the deployment tools is an error with one message, before any change."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.plugin import call_with_aws
from tools.cli import CliError
from tools.deploy import artefact, options, osls
from tools.deploy.serverless_config import ROOT
from tools.ops import cursor_key
from tools.rehearsal.environment import CommandResult, Environment
from tools.rehearsal.ministack import MiniStack

KEY = "/clowder/staging/cursor-key"
WRONG = {"AWS_ACCESS_KEY_ID": "AKIAWRONGWRONGWRONG1", "AWS_SECRET_ACCESS_KEY": "a secret access key"}
NO_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": "/nowhere"}
UNREACHABLE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}


def error_line(result: CommandResult, cloud: MiniStack) -> str:
    """Check that a tool failed without a change, and return the only line of its output."""
    assert result.code == 1
    [message] = result.output.strip().splitlines()
    assert_nothing_exists(cloud)
    return message


def refusal(result: CommandResult, cloud: MiniStack) -> str:
    """Check that the serverless CLI stopped without a change, and return its error message."""
    assert result.code == osls.REFUSED, result.output
    assert_nothing_exists(cloud)
    [message] = result.output.partition("Error:\n")[2].splitlines()
    return message


def assert_nothing_exists(cloud: MiniStack) -> None:
    """Check that there is no stack and no bucket."""
    assert cloud.client("cloudformation").list_stacks()["StackSummaries"] == []
    assert cloud.client("s3").list_buckets()["Buckets"] == []


def keys(cloud: MiniStack) -> list[str]:
    """Return the names of the parameters in the Parameter Store."""
    return [each["Name"] for each in cloud.client("ssm").describe_parameters()["Parameters"]]


def test_an_unknown_stage_is_an_error(cloud: MiniStack, stage: Environment) -> None:
    message = error_line(stage.tool("tools.ops.cursor_key", "--stage", "prod"), cloud)
    assert message == "There is no stage 'prod'. The stages are dev, staging, production. Nothing was changed."
    result = stage.tool("tools.deploy", "--stage", "prod")
    assert result.code == 1
    assert "The stage prod does not exist: use dev, staging or production. Nothing was changed." in result.output
    assert result.output.endswith("osls deploy stopped for the reason above. Nothing was changed.\n")
    assert_nothing_exists(cloud)
    assert keys(cloud) == []


@pytest.mark.parametrize(
    ("environment", "tool_message", "cli_message"),
    [
        (
            NO_CREDENTIALS,
            "There are no AWS credentials (Unable to locate credentials). Log in, ",
            "There are no AWS credentials: log in, for example with aws sso login, or set AWS_PROFILE. ",
        ),
        (
            NO_CREDENTIALS | {"AWS_PROFILE": "missing"},
            "There are no AWS credentials (The config profile (missing) could not be found). Log in, ",
            'There are no AWS credentials (AWS profile "missing" doesn\'t seem to be configured): log in, ',
        ),
        (WRONG, "AWS refused DescribeStacks: ", "AWS refused the request: "),
        (UNREACHABLE, "AWS cannot be reached: ", "AWS cannot be reached: "),
    ],
    ids=["none", "unknown profile", "wrong", "unreachable"],
)
def test_unusable_credentials_stop_both_ways_to_deploy_and_are_not_shown(
    environment: dict[str, str], tool_message: str, cli_message: str, cloud: MiniStack, stage: Environment
) -> None:
    tool = error_line(stage.tool("tools.deploy", "--stage", "staging", **environment), cloud)
    cli = refusal(stage.serverless("deploy", **environment), cloud)
    for message, start in ((tool, tool_message), (cli, cli_message)):
        assert message.startswith(start)
        assert message.endswith("Nothing was changed.") or "profile" in message
        assert WRONG["AWS_SECRET_ACCESS_KEY"] not in message
    assert keys(cloud) == []


def no_key(ssm: Any) -> None:
    """Leave the Parameter Store empty."""


def put(value: str = "k" * 64, kind: str = "String") -> Callable[[Any], None]:
    """Return a function that stores a cursor key."""
    return lambda ssm: ssm.put_parameter(Name=KEY, Value=value, Type=kind)


@pytest.mark.parametrize(
    ("prepare", "version", "message"),
    [
        (no_key, "1", f"There is no {KEY}. Without cursorKeyVersion, the deployment creates it."),
        (put(), "7", f"{KEY} has no version 7; the newest is 1."),
        (put("short"), "", f"{KEY} has fewer than 32 characters."),
        (put(kind="SecureString"), "", f"{KEY} must be a String, not a SecureString."),
    ],
    ids=["no key", "no version", "short", "SecureString"],
)
def test_an_unusable_cursor_key_is_an_error(
    prepare: Callable[[Any], None], version: str, message: str, cloud: MiniStack
) -> None:
    ssm = cloud.client("ssm")
    prepare(ssm)
    before = keys(cloud)
    try:
        options = {"name": KEY, "version": version, "stage": "staging", "isLive": False}
        assert call_with_aws(cloud, "cursor-key", "selectKey", options) == [{"message": message}, ""]
        assert keys(cloud) == before
    finally:
        for name in before:
            ssm.delete_parameter(Name=name)


def test_a_missing_uv_is_an_error_with_the_command_and_leaves_no_key(
    cloud: MiniStack, stage: Environment, fresh_clone: Path
) -> None:
    node = str(Path(shutil.which("node") or "").parent)
    without_uv = [name for name in (node, "/usr/bin", "/bin") if not (Path(name) / "uv").exists()]
    result = stage.serverless("deploy", root=fresh_clone, PATH=os.pathsep.join(without_uv))
    assert refusal(result, cloud) == (
        "uv was not found. Install it, for example with pipx install uv (https://docs.astral.sh/uv/). "
        "Nothing was changed."
    )
    assert keys(cloud) == []


@pytest.mark.parametrize("content", ["", "version = 1"])
def test_a_package_without_a_version_is_an_error(content: str, tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("api/__init__.py", content)
    with pytest.raises(CliError, match="is not a Clowder package"):
        artefact.read(package)
    package.write_text("This is not a zip file.")
    with pytest.raises(CliError, match="is not a Clowder package"):
        artefact.read(package)


@pytest.mark.parametrize("word", ["cursorKeyVersion", "=2", ""])
def test_a_malformed_parameter_is_an_error(word: str) -> None:
    with pytest.raises(CliError, match=r"^A parameter must have the form NAME=VALUE\. Nothing was changed\.$"):
        options.parse(["--stage", "staging", "--param", word])


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("rate=20 burst=40", {"rate": "20", "burst": "40"}),
        (
            "corsOrigins='https://a.example https://b.example' rate=20",
            {"corsOrigins": "https://a.example https://b.example", "rate": "20"},
        ),
        ('alarmEmail="$USER $(shell false)@example.org"', {"alarmEmail": "$USER $(shell false)@example.org"}),
        ("securityContact=`false`", {"securityContact": "`false`"}),
        ("", {}),
    ],
    ids=["simple", "with spaces", "with dollars", "with backquotes", "none"],
)
@pytest.mark.parametrize("source", ["argument", "environment"])
def test_make_passes_parameters_on_unchanged(source: str, text: str, params: dict[str, str], tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    python.chmod(0o755)
    # With --old-file, make does not install anything.
    stamps = ("node_modules/.dev.stamp", ".venv/dev.stamp", "api/web/static/vendor/.stamp")
    command = ["make", "-s", *(f"--old-file={stamp}" for stamp in stamps), "deploy", "STAGE=staging", f"PY={python}"]
    environment = {"PATH": os.environ["PATH"]}
    if source == "argument":
        command.append(f"PARAMS={text}")
    else:
        environment["PARAMS"] = text
    result = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    parsed = options.parse(result.stdout.split("\0")[2:-1])
    assert (parsed.stage, parsed.params) == ("staging", params)


def test_an_unclosed_quotation_is_an_error() -> None:
    with pytest.raises(CliError, match=r"have an unclosed quotation mark\. Nothing was changed\.$"):
        options.parse(["--stage", "staging", "--params", "corsOrigins='https://a.example"])


def test_a_missing_node_is_an_error(cloud: MiniStack, stage: Environment, tmp_path: Path) -> None:
    message = error_line(stage.tool("tools.deploy", "--stage", "staging", PATH=str(tmp_path)), cloud)
    assert message.startswith("Deploying needs Node 20 or newer")


def test_missing_npm_packages_are_an_error_with_the_command(tmp_path: Path) -> None:
    osls.check_installed()
    with pytest.raises(CliError, match=r"Run npm ci\. Nothing was changed\.$"):
        osls.check_installed(tmp_path / "osls")


def test_an_existing_cursor_key_is_only_replaced_by_rotation_and_never_shown(
    cloud: MiniStack, stage: Environment
) -> None:
    created = stage.tool("tools.ops.cursor_key", "--stage", "staging")
    again = stage.tool("tools.ops.cursor_key", "--stage", "staging")
    assert "exists already, in version 1" in error_line(again, cloud)
    rotated = stage.tool("tools.ops.cursor_key", "--stage", "staging", "--rotate")
    parameter = cloud.client("ssm").get_parameter(Name="/clowder/staging/cursor-key")["Parameter"]
    assert parameter["Version"] == 2
    assert len(parameter["Value"]) == 64
    assert parameter["Value"] not in created.output + again.output + rotated.output


def test_rotating_a_missing_cursor_key_is_an_error(cloud: MiniStack) -> None:
    with pytest.raises(CliError, match=r"^There is no /clowder/production/cursor-key to rotate"):
        cursor_key.put_key(cloud, "production", rotate=True)
    assert cursor_key.get_version(cloud, "production") is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--at", "2026-11-25T14:00:00+01:00"], "There is no table called cats. Restore it from a backup."),
        (["--backup", "arn:aws:backup:eu-west-1:1:recovery-point:x"], "is not a DynamoDB backup"),
    ],
    ids=["no table", "no backup"],
)
def test_an_impossible_restore_is_an_error(
    arguments: list[str], message: str, cloud: MiniStack, stage: Environment
) -> None:
    tables = ("--table", "cats", "--to", "cats-again", "--time-zone", "UTC")
    output = error_line(stage.tool("tools.ops.restore", *tables, *arguments), cloud)
    assert message in output
    assert cloud.client("dynamodb").list_tables()["TableNames"] == []


def test_make_targets_named_in_messages_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"cursor-key", "deploy", "rehearse"} <= {line.partition(":")[0] for line in makefile.splitlines()}
