"""The smoke test passes a café that works, and notices each thing that does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from api import __version__
from tests.support.served_apps import App, app, served, with_response
from tools.deploy.smoke import SmokeFailed, checks, smoke
from tools.local.child_server import free_port

__all__ = ["app"]


def test_a_cafe_that_works_passes(app: App) -> None:
    with served(app) as url:
        smoke(url, __version__, patience=0)
        smoke(url, patience=0)


def test_another_version_than_was_deployed_is_noticed(app: App) -> None:
    with served(app) as url, pytest.raises(SmokeFailed, match=r"^/health did not return version 9\.9\.9"):
        smoke(url, "9.9.9", patience=0)


@pytest.mark.parametrize("question", checks(None), ids=lambda question: question.path)
@pytest.mark.parametrize(
    ("status", "media", "body"),
    [
        ("503 Service Unavailable", "text/plain", b"broken"),
        ("", "", b"<p>A welcome by somebody else</p>"),
        ("", "", b"{}"),
    ],
    ids=["broken", "another page", "other JSON"],
)
def test_each_answer_that_is_not_as_it_should_be_is_noticed(
    question: Any, status: str, media: str, body: bytes, app: App
) -> None:
    path = question.path.partition("?")[0]
    wrong = with_response(path, status or f"{question.status} As expected", media or question.media, body)
    with served(wrong(app)) as url, pytest.raises(SmokeFailed) as failed:
        smoke(url, patience=0)
    assert str(failed.value).startswith(f"{question.path} did not return")
    assert body.decode() not in str(failed.value)


def test_what_mends_in_time_is_asked_again(app: App) -> None:
    slow = with_response("/cats", "503 Service Unavailable", "application/json", json.dumps({}).encode(), once=True)
    with served(slow(app)) as url:
        smoke(url, __version__, patience=5)


def test_a_cafe_that_is_not_there_is_noticed() -> None:
    with pytest.raises(SmokeFailed, match="there was no response"):
        smoke(f"http://127.0.0.1:{free_port()}", patience=0)
