"""Test login, logout and CSRF protection through the gateway, with and without a stage in the path."""

from __future__ import annotations

import json
import re
from types import ModuleType
from urllib.parse import urlencode

import pytest

from api.context import utc_now
from api.services import accounts
from api.store.table import Table
from tests.support.api_gateway import Gateway, GatewayResponse

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PASSWORD = "a long enough password"
AWS_HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"


class BrowserClient:
    """A browser that sends requests to the gateway, with cookies and CSRF tokens."""

    def __init__(self, gateway: Gateway, base: str = "") -> None:
        self.gateway, self.base = gateway, base
        self.cookies: list[str] = ["theme=dark"]
        self.csrf = ""

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **fields: str) -> GatewayResponse:
        """Send a request with all cookies, and store the cookie of the response."""
        body = urlencode({"csrf_token": self.csrf} | fields) if method == "POST" else None
        request_headers = BROWSER | (FORM if body else {}) | (headers or {})
        response = self.gateway.send(method, self.base + path, request_headers, body, {"cookies": self.cookies})
        cookies = response.headers.getlist("Set-Cookie")
        assert len(cookies) <= 1
        if cookies:
            pair, *attributes = cookies[0].split("; ")
            assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
            self.cookies = ["theme=dark"] + ([] if "Max-Age=0" in attributes else [pair])
        self.csrf = (re.findall(r'name="csrf_token" value="(\w+)"', response.text) or [self.csrf])[0]
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
    (_, before) = browser.cookies
    wrong = browser.send("POST", "/login", username="ada", password="wrong")
    assert (wrong.status, "Invalid username/password" in wrong.text) == (401, True)
    right = browser.send("POST", "/login", username="ada", password=PASSWORD)
    assert (right.status, right.headers["Location"], right.body) == (303, f"{browser.base}/", b"")
    assert before not in browser.cookies
    assert browser.send("GET", "/users/ada", {"accept": "*/*"}).json["role"] == "owner"
    assert "As <strong>ada</strong>" in browser.send("GET", "/logout").text
    out = browser.send("POST", "/logout")
    assert (out.status, out.headers["Location"], browser.cookies) == (303, f"{browser.base}/", ["theme=dark"])
    assert browser.send("GET", "/users/ada", {"accept": "*/*"}).status == 401


def test_the_cookie_of_an_ended_session_is_rejected(browser: BrowserClient) -> None:
    browser.send("GET", "/login")
    browser.send("POST", "/login", username="ada", password=PASSWORD)
    cookies = browser.cookies
    browser.send("GET", "/logout")
    browser.send("POST", "/logout")
    browser.cookies = cookies
    assert browser.send("GET", "/sessions", {"accept": "*/*"}).status == 401
    assert browser.send("GET", "/cats", {"accept": "*/*"}).status == 200


def test_login_with_the_cookie_of_another_form_is_403(browser: BrowserClient) -> None:
    browser.send("GET", "/login")
    browser.cookies = ["__Host-session=visit.another"]
    response = browser.send("POST", "/login", username="ada", password=PASSWORD)
    assert (response.status, "Please try again" in response.text) == (403, True)
    assert browser.cookies == ["__Host-session=visit.another"]


def test_a_write_with_a_cookie_needs_the_csrf_token(browser: BrowserClient) -> None:
    browser.send("GET", "/login")
    browser.send("POST", "/login", username="ada", password=PASSWORD)
    browser.send("GET", "/login")
    for token, status in (("f" * 64, 403), (browser.csrf, 201)):
        body = urlencode({"name": "luna", "csrf_token": token}).encode()
        members = {"cookies": browser.cookies}
        assert browser.gateway.send("POST", f"{browser.base}/cats", FORM, body, members).status == status


def test_a_cookie_with_a_bearer_token_is_400(browser: BrowserClient) -> None:
    browser.send("GET", "/login")
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
