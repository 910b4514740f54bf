"""Test the start of the photo function. tests/rehearsal/test_photos.py tests its events."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "TABLE_NAME": "clowder-test",
    "CURSOR_KEY": "the photo function has no cursor key",
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
}
CALL = """
import sys
from api.imaging.handler import handler
handler({}, None)
handler({"Records": [{"s3": {"bucket": {"name": "b"}, "object": {"key": "photos/1/320.webp"}}}]}, None)
print(*sorted(name for name in ("PIL", "boto3", "flask_restful") if name in sys.modules))
"""


def call(**environment: str) -> subprocess.CompletedProcess[str]:
    """Start the function and call it with events that are not for it."""
    return subprocess.run(
        [sys.executable, "-c", CALL], cwd=ROOT, env=os.environ | ENVIRONMENT | environment, text=True,
        capture_output=True, check=False,
    )  # fmt: skip


def test_other_events_are_ignored_and_the_api_is_not_imported() -> None:
    result = call()
    assert (result.returncode, result.stderr, result.stdout.split()) == (0, "", ["PIL", "boto3"])


def test_a_missing_setting_stops_the_start_with_a_log_line() -> None:
    result = call(TABLE_NAME="")
    assert result.returncode == 1
    assert json.loads(result.stderr) == {
        "level": "ERROR",
        "message": "The photo function does not start. TABLE_NAME is not set.",
    }
