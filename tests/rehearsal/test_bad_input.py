"""What would fail stops with one sentence, before anything is changed."""

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

VERSIONED = '__version__ = "1.2.3"\n'


def packed(place: Path, filling: int = 0, versioned: str = VERSIONED) -> Path:
    """A package with a version and so many bytes that no zip makes smaller."""
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("api/__init__.py", versioned)
        archive.writestr("filling", os.urandom(filling))
    return place


def refused(done: CommandResult, cloud: MiniStack) -> str:
    """Return the only line that a tool has said; nothing is there but what was there before."""
    assert done.code == 1
    [sentence] = done.output.strip().splitlines()
    assert cloud.client("cloudformation").list_stacks()["StackSummaries"] == []
    assert cloud.client("s3").list_buckets()["Buckets"] == []
    return sentence


def test_an_unknown_stage_stops(cloud: MiniStack, stage: Environment) -> None:
    for tool in ("tools.deploy", "tools.ops.cursor_key"):
        said = refused(stage.tool(tool, "--stage", "prod"), cloud)
        assert said == "There is no stage 'prod'. The stages are dev, staging, production. Nothing was changed."
    parameters = cloud.client("ssm").describe_parameters()["Parameters"]
    assert not [one for one in parameters if "prod/" in one["Name"]]


def test_without_credentials_it_stops(cloud: MiniStack, stage: Environment) -> None:
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": "/nowhere"}
    said = refused(stage.tool("tools.deploy", "--stage", "staging", **nobody), cloud)
    assert said.startswith("There are no AWS credentials (")
    assert said.endswith("Nothing was changed.")


def test_credentials_that_do_not_hold_stop_and_are_not_shown(cloud: MiniStack, stage: Environment) -> None:
    wrong = {"AWS_ACCESS_KEY_ID": "AKIAWRONGWRONGWRONG1", "AWS_SECRET_ACCESS_KEY": "a secret that nobody may see"}
    said = refused(stage.tool("tools.deploy", "--stage", "staging", **wrong), cloud)
    assert said.startswith("AWS rejected the credentials")
    assert not [value for value in wrong.values() if value in said]


def test_an_aws_that_is_not_there_stops(cloud: MiniStack, stage: Environment) -> None:
    said = refused(
        stage.tool("tools.deploy", "--stage", "staging", AWS_ENDPOINT_URL="http://127.0.0.1:9", AWS_MAX_ATTEMPTS="1"),
        cloud,
    )
    assert said.startswith("AWS cannot be reached")


def test_a_stage_without_a_key_stops_and_says_how_to_make_one(cloud: MiniStack, stage: Environment) -> None:
    said = refused(stage.tool("tools.deploy", "--stage", "production"), cloud)
    assert "There is no parameter /clowder/production/cursor-key in eu-west-1" in said
    assert "make cursor-key STAGE=production" in said


def test_a_version_of_the_key_that_is_not_there_stops(cloud: MiniStack) -> None:
    cursor_key.put_key(cloud, "dev", rotate=False)
    preflight.check_cursor_key(cloud, "dev", {})
    with pytest.raises(CliError) as stopped:
        preflight.check_cursor_key(cloud, "dev", {"cursorKeyVersion": "7"})
    assert str(stopped.value) == "/clowder/dev/cursor-key has no version 7; the newest is 1. Nothing was changed."


def test_an_artefact_that_is_missing_stops(tmp_path: Path) -> None:
    with pytest.raises(CliError) as stopped:
        artefact.read(tmp_path / "clowder.zip")
    assert str(stopped.value) == f"There is no artefact {tmp_path / 'clowder.zip'}. Nothing was changed."


def test_an_artefact_over_the_limit_stops(cloud: MiniStack, stage: Environment, tmp_path: Path) -> None:
    large = packed(tmp_path / "large.zip", filling=6_100_000)
    said = refused(stage.tool("tools.deploy", "--stage", "staging", "--artifact", str(large)), cloud)
    assert said == f"{large} has 6.1 MB, but the limit is 6 MB. Nothing was changed."


@pytest.mark.parametrize("expected", ["0" * 64, ""], ids=["another", "none"])
def test_an_artefact_that_is_not_the_one_that_was_built_stops(expected: str, tmp_path: Path) -> None:
    other = packed(tmp_path / "other.zip")
    with pytest.raises(CliError, match=r"has the SHA-256 [0-9a-f]{64}, but (0{64}|none) was expected\. Nothing was"):
        artefact.read(other, expected)


@pytest.mark.parametrize("versioned", ["", "version = 1"])
def test_an_artefact_that_is_no_package_of_ours_stops(versioned: str, tmp_path: Path) -> None:
    with pytest.raises(CliError, match="is not a Clowder package"):
        artefact.read(packed(tmp_path / "strange.zip", versioned=versioned))
    (tmp_path / "text.zip").write_text("I am no zip.")
    with pytest.raises(CliError, match="is not a Clowder package"):
        artefact.read(tmp_path / "text.zip")


def test_the_right_artefact_is_known_by_its_digest_and_says_its_version(tmp_path: Path) -> None:
    ours = packed(tmp_path / "ours.zip")
    digest = artefact.read(ours).digest
    assert artefact.read(ours, digest.upper()).version == "1.2.3"


@pytest.mark.parametrize("word", ["cursorKeyVersion", "=2", ""])
def test_a_parameter_that_is_misspelt_stops(word: str) -> None:
    with pytest.raises(CliError, match=r"^A parameter must have the form NAME=VALUE\. Nothing was changed\.$"):
        options.parse(["--stage", "staging", "--param", word])


@pytest.mark.parametrize(
    ("written", "read"),
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
@pytest.mark.parametrize("told", ["argument", "environment"])
def test_parameters_come_through_make_as_they_were_written(
    told: str, written: str, read: dict[str, str], tmp_path: Path
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
    python.chmod(0o755)
    # What there is to install is installed; -o makes make believe it.
    made = ("node_modules/.dev.stamp", ".venv/dev.stamp", "api/web/static/vendor/.stamp")
    command = ["make", "-s", *(f"--old-file={stamp}" for stamp in made), "deploy", "STAGE=staging", f"PY={python}"]
    given = {"PATH": os.environ["PATH"]}
    if told == "argument":
        command.append(f"PARAMS={written}")
    else:
        given["PARAMS"] = written
    done = subprocess.run(command, cwd=ROOT, env=given, check=True, capture_output=True, text=True)
    asked = options.parse(done.stdout.split("\0")[2:-1])
    assert (asked.stage, asked.params) == ("staging", read)


def test_a_quotation_that_does_not_end_stops() -> None:
    with pytest.raises(CliError, match=r"have an unclosed quotation mark\. Nothing was changed\.$"):
        options.parse(["--stage", "staging", "--params", "corsOrigins='https://a.example"])


def test_without_node_it_stops(cloud: MiniStack, stage: Environment, tmp_path: Path) -> None:
    said = refused(stage.tool("tools.deploy", "--stage", "staging", PATH=str(tmp_path)), cloud)
    assert said.startswith("Deploying needs Node 20 or newer")


def test_without_the_serverless_cli_it_stops(tmp_path: Path) -> None:
    preflight.check_tools()
    with pytest.raises(CliError, match=r"Run make install-dev\. Nothing was changed\.$"):
        preflight.check_tools(tmp_path / "osls")


def test_a_key_is_never_made_twice_by_accident_nor_shown(cloud: MiniStack, stage: Environment) -> None:
    made = stage.tool("tools.ops.cursor_key", "--stage", "staging")
    again = stage.tool("tools.ops.cursor_key", "--stage", "staging")
    assert "exists already, in version 1" in refused(again, cloud)
    rotated = stage.tool("tools.ops.cursor_key", "--stage", "staging", "--rotate")
    parameter = cloud.client("ssm").get_parameter(Name="/clowder/staging/cursor-key")["Parameter"]
    assert parameter["Version"] == 2
    assert len(parameter["Value"]) == 64
    assert parameter["Value"] not in made.output + again.output + rotated.output


def test_a_key_that_is_not_there_is_not_rotated(cloud: MiniStack) -> None:
    with pytest.raises(CliError, match=r"^There is no /clowder/production/cursor-key to rotate"):
        cursor_key.put_key(cloud, "production", rotate=True)
    assert cursor_key.get_version(cloud, "production") is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--at", "2026-11-25T14:00:00+01:00"], "There is no table called cats. Restore it from a backup."),
        (["--backup", "arn:aws:backup:eu-west-1:1:recovery-point:x"], "is not a DynamoDB backup"),
    ],
    ids=["no table", "no backup"],
)
def test_a_restore_that_cannot_be_stops(
    arguments: list[str], sentence: str, cloud: MiniStack, stage: Environment
) -> None:
    said = refused(stage.tool("tools.ops.restore", "--table", "cats", "--to", "cats-again", *arguments), cloud)
    assert sentence in said
    assert cloud.client("dynamodb").list_tables()["TableNames"] == []


def test_what_is_told_to_do_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert {"cursor-key", "deploy", "rehearse"} <= {line.partition(":")[0] for line in makefile.splitlines()}
