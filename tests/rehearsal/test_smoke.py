"""Test that the smoke test passes for a working app, and fails for each wrong response."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api import __version__
from tests.support.served_apps import App, app, served, with_response
from tools.deploy.smoke import SmokeFailed, checks, smoke
from tools.local.child_server import free_port

__all__ = ["app"]


def test_a_working_app_passes(app: App) -> None:
    with served(app) as url:
        smoke(url, __version__, patience=0)
        smoke(url, patience=0)


def test_another_version_fails(app: App) -> None:
    with served(app) as url, pytest.raises(SmokeFailed, match=r"^/health did not return version 9\.9\.9"):
        smoke(url, "9.9.9", patience=0)


@pytest.mark.parametrize("check", checks(None), ids=lambda check: check.path)
@pytest.mark.parametrize(
    ("status", "media", "body"),
    [
        ("503 Service Unavailable", "text/plain", b"broken"),
        ("", "", b"<p>A page of another app</p>"),
        ("", "", b"{}"),
    ],
    ids=["error", "another page", "other JSON"],
)
def test_each_wrong_response_fails(check: Any, status: str, media: str, body: bytes, app: App) -> None:
    path = check.path.partition("?")[0]
    wrong = with_response(path, status or f"{check.status} As expected", media or check.media, body)
    with served(wrong(app)) as url, pytest.raises(SmokeFailed) as failed:
        smoke(url, patience=0)
    assert str(failed.value).startswith(f"{check.path} did not return")
    assert body.decode() not in str(failed.value)


def test_a_failed_check_is_repeated(app: App) -> None:
    temporary = with_response(
        "/cats", "503 Service Unavailable", "application/json", json.dumps({}).encode(), once=True
    )
    with served(temporary(app)) as url:
        smoke(url, __version__, patience=5)


def test_an_unreachable_app_fails() -> None:
    with pytest.raises(SmokeFailed, match="there was no response"):
        smoke(f"http://127.0.0.1:{free_port()}", patience=0)
