"""A function that cannot work does not start, and says why in one sentence, without a secret in it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.deploy_fixtures import ENVIRONMENT, ROOT

COMPLETE = {**ENVIRONMENT, "TABLE_NAME": "clowder-test", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
SECRET = COMPLETE["CURSOR_KEY"]


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import handler"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_with_a_complete_environment_it_starts_and_says_nothing() -> None:
    done = start(COMPLETE)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("missing", ["TABLE_NAME", "CURSOR_KEY"])
@pytest.mark.parametrize("way", ["unset", "empty"])
def test_a_missing_variable_is_named(missing: str, way: str) -> None:
    environment = {name: value for name, value in COMPLETE.items() if name != missing}
    refused(start(environment if way == "unset" else environment | {missing: ""}), missing)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CURSOR_KEY", "a short secret"),
        ("TABLE_NAME", "7%"),
        ("LOG_LEVEL", "loud"),
        ("LOGIN_TRIES", "none"),
        ("DEADLINE_SECONDS", "2.75"),
        ("CORS_ORIGINS", "https://cafe.example *"),
        ("DYNAMODB_URL", "ftp://user:password@elsewhere"),
    ],
)
def test_a_wrong_variable_is_named_and_its_value_is_not_told(name: str, value: str) -> None:
    done = start(COMPLETE | {name: value})
    refused(done, name)
    assert value not in done.stderr


def refused(done: subprocess.CompletedProcess[str], name: str) -> None:
    assert done.returncode == 1
    assert done.stdout == ""
    (text,) = done.stderr.splitlines()
    line = json.loads(text)
    assert line.keys() == {"level", "message"}
    assert line["level"] == "ERROR", "the alarm on errors in the log looks for it"
    sentence = line["message"]
    assert sentence.startswith("Clowder does not start. ")
    assert name in sentence
    assert sentence.endswith(".")
    assert SECRET not in sentence
