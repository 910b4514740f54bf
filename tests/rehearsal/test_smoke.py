"""Test that the smoke test passes for a working app, and fails for each wrong response."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from api import __version__
from api.domain.users import SMOKE_TEST_LIFETIME
from tests.support.app import TestApp
from tests.support.inspection import items, writes_nothing
from tests.support.served_apps import App, app, respond, served, with_response
from tools.deploy.smoke import JSON, PROBLEM, SmokeFailed, checks, smoke
from tools.local.child_server import free_port

__all__ = ["app"]

LEFT = {"idempotency", "rate_limits"}
"""What a smoke test leaves. It expires."""
USER = "/users/smoke-test-*"
REQUESTS = (
    ("POST", "/users", "a new user"),
    ("POST", "/sessions", "a token"),
    ("PATCH", USER, "the changed profile"),
    ("GET", USER, "the changed profile"),
    ("DELETE", USER, "a deletion"),
)
"""The requests of the user of a smoke test, each with the expectation in the error message."""


def new_items(cafe: TestApp, before: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the new items of the table by collection."""
    new = [item for item in items(cafe) if item not in before]
    collections = {item["pk"]["S"].partition("#")[0] for item in new}
    return {name: [item for item in new if item["pk"]["S"].startswith(f"{name}#")] for name in collections}


def test_a_working_app_passes_and_only_what_expires_is_left(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {})
    before = items(cafe)
    with served(cafe.app) as url:
        assert smoke(url, __version__, patience=0)
        assert smoke(url, patience=0)
    assert [item for item in before if item not in items(cafe)] == []
    left = new_items(cafe, before)
    assert left.keys() == LEFT
    assert all("expires" in item for found in left.values() for item in found)


def test_tests_at_the_same_time_pass(app: App) -> None:
    with served(app) as url, ThreadPoolExecutor() as pool:
        assert all(pool.map(lambda _: smoke(url, patience=0), range(3)))


def test_a_read_only_test_writes_nothing(cafe: TestApp) -> None:
    with served(cafe.app) as url, writes_nothing(cafe):
        assert not smoke(url, __version__, patience=0, read_only=True)


def test_an_api_without_registration_is_only_read(cafe: TestApp) -> None:
    older = with_response("/openapi.json", "200 OK", JSON, b'{"paths": {"/cats": {}}}')
    with served(older(cafe.app)) as url, writes_nothing(cafe):
        assert not smoke(url, __version__, patience=0)


@pytest.mark.parametrize(("method", "path", "expectation"), REQUESTS)
@pytest.mark.parametrize("status", ["500 Internal Server Error", "401 Unauthorized"])
def test_each_failed_write_and_login_fails(method: str, path: str, expectation: str, status: str, app: App) -> None:
    wrong = with_response(path, status, PROBLEM, b"{}", method=method)
    with served(wrong(app)) as url, pytest.raises(SmokeFailed, match=f"did not return {expectation}: the response is"):
        smoke(url, patience=0)


@pytest.mark.parametrize(
    ("method", "path", "status", "body", "expectation"),
    [
        ("PATCH", USER, "200 OK", {"about": "old"}, "the changed profile"),
        ("GET", USER, "200 OK", {"about": None}, "the changed profile"),
        ("DELETE", USER, "204 No Content", {}, "the problem 401"),
        ("POST", "/sessions", "201 Created", {}, "a token"),
        ("POST", "/users", "201 Created", {"username": "ada"}, "a new user"),
    ],
)
def test_each_write_without_its_effect_fails(
    method: str, path: str, status: str, body: dict[str, Any], expectation: str, app: App
) -> None:
    content = json.dumps(body).encode() if body else b""
    wrong = with_response(path, status, JSON, content, method=method)
    with served(wrong(app)) as url, pytest.raises(SmokeFailed, match=f"did not return {expectation}: the response is"):
        smoke(url, patience=0)


def test_a_registration_that_is_not_replayed_fails(app: App) -> None:
    def without_header(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start(status, [each for each in headers if each[0] != "Idempotent-Replayed"], *rest)

        return app(environ, begin)

    with served(without_header) as url, pytest.raises(SmokeFailed, match=r"^POST /users did not return a replay"):
        smoke(url, patience=0)


def test_after_a_failed_change_the_user_is_deleted(cafe: TestApp) -> None:
    before = items(cafe)
    wrong = with_response(USER, "500 Internal Server Error", PROBLEM, b"{}", method="PATCH")
    with served(wrong(cafe.app)) as url, pytest.raises(SmokeFailed):
        smoke(url, patience=0)
    assert new_items(cafe, before).keys() == LEFT


def test_a_deletion_whose_response_is_lost_passes(app: App) -> None:
    lost = with_response(USER, "504 Gateway Timeout", PROBLEM, b"{}", once=True, method="DELETE")

    def executed(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "DELETE":
            b"".join(app(environ.copy(), lambda *_: None))
        return lost_app(environ, start)

    lost_app = lost(app)
    with served(executed) as url:
        assert smoke(url, patience=5)


@pytest.mark.parametrize("served_requests", range(1, 6))
def test_what_an_interrupted_test_leaves_expires(served_requests: int, cafe: TestApp) -> None:
    before, count = items(cafe), 0

    def interrupted(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Serve the first requests of the user. No later request has an effect, as if the test was killed."""
        nonlocal count
        count += environ["PATH_INFO"].startswith(("/users", "/sessions"))
        if count <= served_requests:
            return cafe.app(environ, start)
        return respond(environ, start, "500 Internal Server Error", PROBLEM, b"{}")

    with served(interrupted) as url, pytest.raises(SmokeFailed):
        smoke(url, patience=0)
    left = new_items(cafe, before)
    assert "users" in left
    latest = (cafe.clock.now + SMOKE_TEST_LIFETIME).timestamp()
    assert all(int(item["expires"]["N"]) <= latest for found in left.values() for item in found)


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
    wrong = with_response(path, status or f"{check.status} As expected", media or check.media, body, method="GET")
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
