"""Pages of other origins in a browser: what CORS lets their scripts send and read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.wrappers import Response

from api.store.table import Table
from tests.browser.conftest import served
from tests.support.app import TestApp

CALL = """async ([url, options]) => {
  try {
    const response = await fetch(url, options);
    await response.text();
    return [response.status, Object.fromEntries(response.headers)];
  } catch (error) {
    return [error.message, {}];
  }
}"""
BLOCKED = "Failed to fetch"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
TRACED = {"X-Request-Id": "mine", "traceparent": TRACEPARENT, "tracestate": "rojo=1", "baggage": "a=1"}
JSON = {"Content-Type": "application/json"}
POST = '{"title": "News", "body": "Luna sleeps."}'


@pytest.fixture
def pages(browser: Browser) -> Iterator[tuple[Page, Page]]:
    """Open an empty page of a listed origin, and one of another origin."""
    with served(Response("<title>page</title>", mimetype="text/html")) as one, browser.new_context() as context:
        listed, other = context.new_page(), context.new_page()
        listed.goto(one)
        other.goto(one.replace("127.0.0.1", "localhost"))
        yield listed, other


def call(page: Page, url: str, **options: Any) -> tuple[int | str, dict[str, str]]:
    """Call fetch in the page; return the status, or the message of the error, and the headers that scripts can read."""
    status, headers = page.evaluate(CALL, [url, options])
    return status, headers


def test_listed_origin_has_the_api_and_others_read_public_data(mocked_table: Table, pages: tuple[Page, Page]) -> None:
    listed, other = pages
    origin = listed.evaluate("location.origin")
    cafe = TestApp(mocked_table, cors_origins=("*", origin))
    bearer = cafe.client("staff").headers
    with served(cafe.app) as api:
        for page in (listed, other):
            status, headers = call(page, f"{api}/cats", headers=TRACED | {"If-None-Match": '"x"'})
            assert (status, headers["x-request-id"], headers["traceparent"]) == (200, "mine", TRACEPARENT)
            assert {"etag", "link"} <= headers.keys()
            assert call(page, f"{api}/nothing", headers=TRACED)[0] == 404
            status, headers = call(page, f"{api}/users")
            assert (status, headers["www-authenticate"]) == (401, 'Bearer realm="clowder"')

        key = {"Idempotency-Key": "7"}
        status, headers = call(listed, f"{api}/posts", method="POST", headers=bearer | JSON | key | TRACED, body=POST)
        assert (status, headers["location"]) == (201, "/posts/1")
        write = bearer | {"Content-Type": "application/merge-patch+json", "Prefer": "return=minimal", "If-Match": "*"}
        assert call(listed, f"{api}/posts/1", method="PATCH", headers=write, body='{"title": "x"}')[0] == 204
        status, headers = call(listed, f"{api}/posts/1", method="POST", headers=bearer)
        assert (status, headers["allow"]) == (405, "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")
        _, headers = call(listed, f"{api}/posts/1", method="PATCH", headers=bearer, body="x")
        assert headers["accept-patch"] == "application/merge-patch+json"
        credentials = '{"username": "lu", "password": "a wrong one"}'
        _, headers = call(listed, f"{api}/sessions", method="POST", headers=JSON, body=credentials)
        assert headers["ratelimit"].startswith('"default";r=9;')
        assert call(listed, f"{api}/cats", credentials="include")[0] == BLOCKED

        assert call(other, f"{api}/cats", headers=bearer)[0] == BLOCKED
        assert call(other, f"{api}/cats", credentials="include")[0] == BLOCKED
        assert call(other, f"{api}/sessions", method="POST", headers=JSON, body=credentials)[0] == BLOCKED
        assert call(other, f"{api}/sessions", method="POST", body=credentials)[0] == BLOCKED
        for method in ("PUT", "PATCH", "DELETE"):
            assert call(other, f"{api}/posts/1", method=method)[0] == BLOCKED
    assert cafe.public.get("/posts/1").json["title"] == "x"


def test_without_the_asterisk_another_origin_reads_nothing(mocked_table: Table, pages: tuple[Page, Page]) -> None:
    listed, other = pages
    with served(TestApp(mocked_table, cors_origins=(listed.evaluate("location.origin"),)).app) as api:
        assert call(listed, f"{api}/cats")[0] == 200
        assert call(other, f"{api}/cats")[0] == BLOCKED
