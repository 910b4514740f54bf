"""Test that a function with wrong settings does not start, and logs one message without a secret."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.deploy_fixtures import ENVIRONMENT, ROOT
from tools.cli import library_path

COMPLETE = {**ENVIRONMENT, "TABLE_NAME": "clowder-test", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
SECRET = COMPLETE["CURSOR_KEY"]


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Import handler.py in a new process."""
    command = [sys.executable, "-c", "import handler"]
    variables = library_path() | environment
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=60)


def test_with_a_complete_environment_the_function_starts_without_output() -> None:
    result = start(COMPLETE)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("missing", ["TABLE_NAME", "CURSOR_KEY"])
@pytest.mark.parametrize("state", ["unset", "empty"])
def test_a_missing_variable_is_named_in_the_message(missing: str, state: str) -> None:
    environment = {name: value for name, value in COMPLETE.items() if name != missing}
    check_error(start(environment if state == "unset" else environment | {missing: ""}), missing)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CURSOR_KEY", "a short secret"),
        ("TABLE_NAME", "7%"),
        ("LOG_LEVEL", "loud"),
        ("LOGIN_TRIES", "none"),
        ("DEADLINE_SECONDS", "2.75"),
        ("CORS_ORIGINS", "https://lu:password@cafe.example"),
        ("DYNAMODB_URL", "ftp://user:password@elsewhere"),
    ],
)
def test_a_wrong_variable_is_named_in_the_message_without_its_value(name: str, value: str) -> None:
    result = start(COMPLETE | {name: value})
    check_error(result, name)
    assert value not in result.stderr


def check_error(result: subprocess.CompletedProcess[str], name: str) -> None:
    """Check that the process failed with one log line that names a variable."""
    assert result.returncode == 1
    assert result.stdout == ""
    (text,) = result.stderr.splitlines()
    line = json.loads(text)
    assert line.keys() == {"level", "message"}
    assert line["level"] == "ERROR", "the alarm counts lines with this level"
    message = line["message"]
    assert message.startswith("Clowder does not start. ")
    assert name in message
    assert message.endswith(".")
    assert SECRET not in message
