"""Logging in through the gateway: cookies come as a list of the event, and go as one header of the answer."""

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
PASSWORD = "nine lives and a tail"
AMAZON = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"


class BrowserClient:
    """Somebody with a browser before the gateway."""

    def __init__(self, gateway: Gateway, base: str = "") -> None:
        self.gateway, self.base = gateway, base
        self.cookies: list[str] = ["theme=dark"]
        self.csrf = ""

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **fields: str) -> GatewayResponse:
        """Send a request with all cookies, and keep the one that comes back."""
        body = urlencode({"csrf_token": self.csrf} | fields) if method == "POST" else None
        told = BROWSER | (FORM if body else {}) | (headers or {})
        answer = self.gateway.send(method, self.base + path, told, body, {"cookies": self.cookies})
        given = answer.headers.getlist("Set-Cookie")
        assert len(given) <= 1
        if given:
            pair, *attributes = given[0].split("; ")
            assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(attributes)
            self.cookies = ["theme=dark"] + ([] if "Max-Age=0" in attributes else [pair])
        self.csrf = (re.findall(r'name="csrf_token" value="(\w+)"', answer.text) or [self.csrf])[0]
        return answer


@pytest.fixture(params=[("$default", ""), ("dev", "/dev")], ids=["$default", "a named stage"])
def visitor(request: pytest.FixtureRequest, function: ModuleType, mocked_table: Table) -> BrowserClient:
    """A visitor to a café where Ada is the owner."""
    assert accounts.ensure_user(mocked_table, "ada", "owner", PASSWORD, utc_now())
    stage, base = request.param
    return BrowserClient(Gateway(function.handler, stage=stage, host=AMAZON), base)


def test_people_log_in_and_out(visitor: BrowserClient) -> None:
    page = visitor.send("GET", "/login")
    assert (page.status, page.coded, page.headers["Content-Type"]) == (200, False, "text/html; charset=utf-8")
    assert f'action="{visitor.base}/login"' in page.text
    (_, before) = visitor.cookies
    wrong = visitor.send("POST", "/login", username="ada", password="wrong")
    assert (wrong.status, "Invalid username/password" in wrong.text) == (401, True)
    right = visitor.send("POST", "/login", username="ada", password=PASSWORD)
    assert (right.status, right.headers["Location"], right.body) == (303, f"{visitor.base}/", b"")
    assert before not in visitor.cookies
    assert visitor.send("GET", "/users/ada", {"accept": "*/*"}).json["role"] == "owner"
    assert "As <strong>ada</strong>" in visitor.send("GET", "/logout").text
    out = visitor.send("POST", "/logout")
    assert (out.status, out.headers["Location"], visitor.cookies) == (303, f"{visitor.base}/", ["theme=dark"])
    assert visitor.send("GET", "/users/ada", {"accept": "*/*"}).status == 401


def test_a_session_that_ended_is_dead_though_its_cookie_comes_again(visitor: BrowserClient) -> None:
    visitor.send("GET", "/login")
    visitor.send("POST", "/login", username="ada", password=PASSWORD)
    kept = visitor.cookies
    visitor.send("GET", "/logout")
    visitor.send("POST", "/logout")
    visitor.cookies = kept
    assert visitor.send("GET", "/sessions", {"accept": "*/*"}).status == 401
    assert visitor.send("GET", "/cats", {"accept": "*/*"}).status == 200


def test_a_form_of_another_visit_logs_nobody_in(visitor: BrowserClient) -> None:
    visitor.send("GET", "/login")
    visitor.cookies = ["__Host-session=visit.another"]
    refused = visitor.send("POST", "/login", username="ada", password=PASSWORD)
    assert (refused.status, "Please try again" in refused.text) == (403, True)
    assert visitor.cookies == ["__Host-session=visit.another"]


def test_a_write_with_the_cookie_needs_the_form_and_a_body_may_come_coded(visitor: BrowserClient) -> None:
    visitor.send("GET", "/login")
    visitor.send("POST", "/login", username="ada", password=PASSWORD)
    visitor.send("GET", "/login")
    for token, status in (("f" * 64, 403), (visitor.csrf, 201)):
        body = urlencode({"name": "luna", "csrf_token": token}).encode()
        members = {"cookies": visitor.cookies}
        assert visitor.gateway.send("POST", f"{visitor.base}/cats", FORM, body, members).status == status


def test_a_cookie_and_a_bearer_token_together_are_refused(visitor: BrowserClient) -> None:
    visitor.send("GET", "/login")
    visitor.send("POST", "/login", username="ada", password=PASSWORD)
    assert visitor.send("GET", "/cats", {"accept": "*/*", "authorization": "Bearer x"}).status == 400


@pytest.mark.parametrize("cookie", ["__Host-session=猫", "__Host-session=", "=", "", "__Host-session", "a=ë; b"])
def test_a_strange_cookie_is_nobodys(visitor: BrowserClient, cookie: str) -> None:
    visitor.cookies = [cookie]
    assert visitor.send("GET", "/cats", {"accept": "*/*"}).status == 200
    visitor.cookies = [cookie]
    assert visitor.send("GET", "/login").status == 200
    assert visitor.send("POST", "/login", username="ada", password=PASSWORD).status == 303


def test_a_program_logs_in_without_a_cookie(visitor: BrowserClient) -> None:
    body = json.dumps({"username": "ada", "password": PASSWORD})
    answer = visitor.gateway.send("POST", f"{visitor.base}/login", JSON, body)
    assert (answer.status, "Set-Cookie" in answer.headers) == (201, False)
    assert answer.headers["Location"].startswith(f"{visitor.base}/sessions/")
    bearer = {"authorization": f"Bearer {answer.json['token']}"}
    assert visitor.gateway.send("GET", answer.headers["Location"], bearer).json["current"] is True


def test_the_feed_and_plain_text_come_as_text(visitor: BrowserClient) -> None:
    plain = {"accept": "text/plain"}
    for path, headers, media in (
        ("/posts.atom", {}, "application/atom+xml; charset=utf-8"),
        ("/pies", plain, "text/plain; charset=utf-8"),
        ("/", plain, "text/plain; charset=utf-8"),
    ):
        answer = visitor.gateway.send("GET", visitor.base + path, headers)
        assert (answer.status, answer.coded, answer.headers["Content-Type"]) == (200, False, media)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/todos", 401), ("GET", "/x", 404), ("PUT", "/", 405)])
def test_people_get_pages_for_errors(visitor: BrowserClient, method: str, path: str, status: int) -> None:
    answer = visitor.send(method, path)
    assert (answer.status, answer.coded, answer.headers["Content-Type"]) == (status, False, "text/html; charset=utf-8")
