"""Test login, logout and cookies through the gateway, with and without a stage in the path."""

from __future__ import annotations

import json
from types import ModuleType
from urllib.parse import urlencode

import pytest

from api.context import utc_now
from api.services import accounts
from api.store.table import Table
from tests.support.api_gateway import Gateway, GatewayResponse

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PASSWORD = "a long enough password"
AWS_HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"


class BrowserClient:
    """A browser that sends requests to the gateway, with cookies."""

    def __init__(self, gateway: Gateway, base: str = "") -> None:
        self.gateway, self.base = gateway, base
        self.cookies: list[str] = ["theme=dark"]

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **fields: str) -> GatewayResponse:
        """Send a request of a page of this origin with all cookies, and store the cookies of the response."""
        body = urlencode(fields or {"button": ""}) if method == "POST" else None
        request_headers = BROWSER | SAME_ORIGIN | (FORM if body else {}) | (headers or {})
        response = self.gateway.send(method, self.base + path, request_headers, body, {"cookies": self.cookies})
        for cookie in response.headers.getlist("Set-Cookie"):
            pair, *attributes = cookie.split("; ")
            assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
            name = pair.partition("=")[0]
            self.cookies = [each for each in self.cookies if each.partition("=")[0] != name]
            self.cookies += [] if "Max-Age=0" in attributes else [pair]
        return response


@pytest.fixture(params=[("$default", ""), ("dev", "/dev")], ids=["$default", "a named stage"])
def browser(request: pytest.FixtureRequest, function: ModuleType, mocked_table: Table) -> BrowserClient:
    """Return a browser, and create the user ada with the role owner."""
    assert accounts.ensure_user(mocked_table, "ada", "owner", PASSWORD, utc_now())
    stage, base = request.param
    return BrowserClient(Gateway(function.handler, stage=stage, host=AWS_HOST), base)


def test_login_and_logout_with_forms(browser: BrowserClient) -> None:
    page = browser.send("GET", "/login")
    assert (page.status, page.is_base64, page.headers["Content-Type"]) == (200, False, "text/html; charset=utf-8")
    assert f'action="{browser.base}/login"' in page.text
    wrong = browser.send("POST", "/login", username="ada", password="wrong")
    assert (wrong.status, "Invalid username/password" in wrong.text) == (401, True)
    right = browser.send("POST", "/login", username="ada", password=PASSWORD)
    assert (right.status, right.headers["Location"], right.body) == (303, f"{browser.base}/", b"")
    assert [cookie.partition("=")[0] for cookie in browser.cookies] == ["theme", "__Host-session", "__Host-device"]
    assert browser.send("GET", "/users/ada", {"accept": "*/*"}).json["role"] == "owner"
    assert "As <strong>ada</strong>" in browser.send("GET", "/logout").text
    out = browser.send("POST", "/logout")
    assert (out.status, out.headers["Location"]) == (303, f"{browser.base}/")
    assert [cookie.partition("=")[0] for cookie in browser.cookies] == ["theme", "__Host-device"]
    assert browser.send("GET", "/users/ada", {"accept": "*/*"}).status == 401


def test_the_cookie_of_an_ended_session_is_rejected(browser: BrowserClient) -> None:
    browser.send("POST", "/login", username="ada", password=PASSWORD)
    cookies = browser.cookies
    browser.send("POST", "/logout")
    browser.cookies = cookies
    assert browser.send("GET", "/sessions", {"accept": "*/*"}).status == 401
    assert browser.send("GET", "/cats", {"accept": "*/*"}).status == 200


def test_a_write_with_a_cookie_must_come_from_this_origin(browser: BrowserClient) -> None:
    browser.send("POST", "/login", username="ada", password=PASSWORD)
    body, members = urlencode({"name": "luna"}).encode(), {"cookies": browser.cookies}
    origins = {f"https://{AWS_HOST}": 201, f"http://{AWS_HOST}": 403, "https://evil.example": 403, "null": 403}
    for headers, status in [({}, 403), *(({"origin": origin}, status) for origin, status in origins.items())]:
        response = browser.gateway.send("POST", f"{browser.base}/cats", FORM | headers, body, members)
        assert response.status == status, headers


def test_a_cookie_with_a_bearer_token_is_400(browser: BrowserClient) -> None:
    browser.send("POST", "/login", username="ada", password=PASSWORD)
    assert browser.send("GET", "/cats", {"accept": "*/*", "authorization": "Bearer x"}).status == 400


@pytest.mark.parametrize("cookie", ["__Host-session=猫", "__Host-session=", "=", "", "__Host-session", "a=ë; b"])
def test_a_malformed_cookie_is_ignored(browser: BrowserClient, cookie: str) -> None:
    browser.cookies = [cookie]
    assert browser.send("GET", "/cats", {"accept": "*/*"}).status == 200
    browser.cookies = [cookie]
    assert browser.send("GET", "/login").status == 200
    assert browser.send("POST", "/login", username="ada", password=PASSWORD).status == 303


def test_a_json_login_sets_no_cookie(browser: BrowserClient) -> None:
    body = json.dumps({"username": "ada", "password": PASSWORD})
    response = browser.gateway.send("POST", f"{browser.base}/login", JSON, body)
    assert (response.status, "Set-Cookie" in response.headers) == (201, False)
    assert response.headers["Location"].startswith(f"{browser.base}/sessions/")
    bearer = {"authorization": f"Bearer {response.json['token']}"}
    assert browser.gateway.send("GET", response.headers["Location"], bearer).json["current"] is True


def test_feed_and_plain_text_responses_are_text(browser: BrowserClient) -> None:
    plain = {"accept": "text/plain"}
    for path, headers, media in (
        ("/posts.atom", {}, "application/atom+xml; charset=utf-8"),
        ("/pies", plain, "text/plain; charset=utf-8"),
        ("/", plain, "text/plain; charset=utf-8"),
    ):
        response = browser.gateway.send("GET", browser.base + path, headers)
        assert (response.status, response.is_base64, response.headers["Content-Type"]) == (200, False, media)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/todos", 401), ("GET", "/x", 404), ("PUT", "/", 405)])
def test_browsers_get_html_error_pages(browser: BrowserClient, method: str, path: str, status: int) -> None:
    response = browser.send(method, path)
    assert (response.status, response.is_base64, response.headers["Content-Type"]) == (
        status,
        False,
        "text/html; charset=utf-8",
    )
