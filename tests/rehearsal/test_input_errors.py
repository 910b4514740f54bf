"""Test that wrong input of the deployment tools is an error with one message, before any change."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from tools.cli import CliError
from tools.deploy import artefact, options, preflight
from tools.deploy.serverless_config import ROOT
from tools.ops import cursor_key
from tools.rehearsal.environment import CommandResult, Environment
from tools.rehearsal.ministack import MiniStack

INIT = '__version__ = "1.2.3"\n'


def create_package(path: Path, padding: int = 0, init: str = INIT) -> Path:
    """Create a package with an api/__init__.py and a number of incompressible bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("api/__init__.py", init)
        archive.writestr("padding", os.urandom(padding))
    return path


def error_line(result: CommandResult, cloud: MiniStack) -> str:
    """Check that a tool failed without a change, and return the only line of its output."""
    assert result.code == 1
    [message] = result.output.strip().splitlines()
    assert cloud.client("cloudformation").list_stacks()["StackSummaries"] == []
    assert cloud.client("s3").list_buckets()["Buckets"] == []
    return message


def test_an_unknown_stage_is_an_error(cloud: MiniStack, stage: Environment) -> None:
    for tool in ("tools.deploy", "tools.ops.cursor_key"):
        message = error_line(stage.tool(tool, "--stage", "prod"), cloud)
        assert message == "There is no stage 'prod'. The stages are dev, staging, production. Nothing was changed."
    parameters = cloud.client("ssm").describe_parameters()["Parameters"]
    assert not [each for each in parameters if "prod/" in each["Name"]]


def test_missing_credentials_are_an_error(cloud: MiniStack, stage: Environment) -> None:
    no_credentials = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": "/nowhere"}
    message = error_line(stage.tool("tools.deploy", "--stage", "staging", **no_credentials), cloud)
    assert message.startswith("There are no AWS credentials (")
    assert message.endswith("Nothing was changed.")


def test_wrong_credentials_are_an_error_and_are_not_shown(cloud: MiniStack, stage: Environment) -> None:
    wrong = {"AWS_ACCESS_KEY_ID": "AKIAWRONGWRONGWRONG1", "AWS_SECRET_ACCESS_KEY": "a secret access key"}
    message = error_line(stage.tool("tools.deploy", "--stage", "staging", **wrong), cloud)
    assert message.startswith("AWS rejected the credentials")
    assert not [value for value in wrong.values() if value in message]


def test_an_unreachable_aws_is_an_error(cloud: MiniStack, stage: Environment) -> None:
    message = error_line(
        stage.tool("tools.deploy", "--stage", "staging", AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1"),
        cloud,
    )
    assert message.startswith("AWS cannot be reached")


def test_a_missing_cursor_key_is_an_error_with_the_command(cloud: MiniStack, stage: Environment) -> None:
    message = error_line(stage.tool("tools.deploy", "--stage", "production"), cloud)
    assert "There is no parameter /clowder/production/cursor-key in eu-west-1" in message
    assert "make cursor-key STAGE=production" in message


def test_a_missing_cursor_key_version_is_an_error(cloud: MiniStack) -> None:
    cursor_key.put_key(cloud, "dev", rotate=False)
    preflight.check_cursor_key(cloud, "dev", {})
    with pytest.raises(CliError) as error:
        preflight.check_cursor_key(cloud, "dev", {"cursorKeyVersion": "7"})
    assert str(error.value) == "/clowder/dev/cursor-key has no version 7; the newest is 1. Nothing was changed."


def test_a_missing_artefact_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CliError) as error:
        artefact.read(tmp_path / "clowder.zip")
    assert str(error.value) == f"There is no artefact {tmp_path / 'clowder.zip'}. Nothing was changed."


def test_an_artefact_over_the_size_limit_is_an_error(cloud: MiniStack, stage: Environment, tmp_path: Path) -> None:
    large = create_package(tmp_path / "large.zip", padding=6_100_000)
    message = error_line(stage.tool("tools.deploy", "--stage", "staging", "--artifact", str(large)), cloud)
    assert message == f"{large} has 6.1 MB, but the limit is 6 MB. Nothing was changed."


@pytest.mark.parametrize("expected", ["0" * 64, ""], ids=["another", "none"])
def test_an_artefact_with_an_unexpected_sha256_is_an_error(expected: str, tmp_path: Path) -> None:
    other = create_package(tmp_path / "other.zip")
    with pytest.raises(CliError, match=r"has the SHA-256 [0-9a-f]{64}, but SHA256 is (0{64}|not set)\. Nothing was"):
        artefact.read(other, expected)


@pytest.mark.parametrize("init", ["", "version = 1"])
def test_an_artefact_that_is_not_a_clowder_package_is_an_error(init: str, tmp_path: Path) -> None:
    with pytest.raises(CliError, match="is not a Clowder package"):
        artefact.read(create_package(tmp_path / "other.zip", init=init))
    (tmp_path / "text.zip").write_text("This is not a zip file.")
    with pytest.raises(CliError, match="is not a Clowder package"):
        artefact.read(tmp_path / "text.zip")


def test_an_artefact_has_a_digest_and_a_version(tmp_path: Path) -> None:
    package = create_package(tmp_path / "package.zip")
    digest = artefact.read(package).digest
    assert artefact.read(package, digest.upper()).version == "1.2.3"


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


def test_a_missing_serverless_cli_is_an_error(tmp_path: Path) -> None:
    preflight.check_tools()
    with pytest.raises(CliError, match=r"Run make install-dev\. Nothing was changed\.$"):
        preflight.check_tools(tmp_path / "osls")


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
