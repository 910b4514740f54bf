"""The login page: a form that only this browser can send, and a cookie that proves who has sent it."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from api.http.authentication import COOKIE
from api.store.table import Table
from tests.support.app import TestApp, problem
from tests.support.inspection import items, writes_nothing
from tests.support.users import PASSWORD, BrowserClient, log_in, register

WRONG = "Invalid username/password"
AGAIN = "Please try again"
ATTRIBUTES = {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """A café where Ada is registered."""
    assert register(cafe, "ada").status_code == 201
    return cafe


def given(answer: TestResponse) -> tuple[str, set[str]]:
    """Return the value and the attributes of the one cookie that an answer sets; Max-Age goes before Expires."""
    (header,) = answer.headers.getlist("Set-Cookie")
    pair, *attributes = header.split("; ")
    name, _, value = pair.partition("=")
    assert name == COOKIE == "__Host-session"
    return value, {attribute for attribute in attributes if not attribute.startswith("Expires=")}


def check_form(answer: TestResponse, status: int, says: str | None) -> None:
    """Check that an answer is the login form."""
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    page = answer.get_data(as_text=True)
    assert re.search(
        r'<form method="post" action="/login">\s*<input type="hidden" name="csrf_token" value="\w{64}">', page
    )
    assert '<input id="username" name="username"' in page
    assert re.search(r'name="password" type="password"', page)
    assert (says or 'role="alert"') in page if says else 'role="alert"' not in page
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "<script" not in page


def test_the_page_has_a_form_and_gives_a_cookie_that_only_this_host_gets_back(cafe: TestApp) -> None:
    visitor = BrowserClient(cafe)
    with writes_nothing(cafe):
        answer = visitor.open("/login")
    check_form(answer, 200, None)
    value, attributes = given(answer)
    assert attributes == ATTRIBUTES
    assert value.startswith("visit.")
    assert given(BrowserClient(cafe).open("/login"))[0] != value
    assert "Set-Cookie" not in visitor.open("/login").headers
    assert value not in answer.get_data(as_text=True)


def test_who_logs_in_goes_to_the_start_with_a_new_cookie_that_proves_who_they_are(cafe: TestApp) -> None:
    visitor = BrowserClient(cafe)
    before = given(visitor.open("/login"))[0]
    answer = visitor.submit("/login", username="Ada", password=PASSWORD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert (answer.headers["Cache-Control"], "Cookie" in answer.headers["Vary"]) == ("private, no-store", True)
    token, attributes = given(answer)
    assert attributes == ATTRIBUTES | {"Max-Age=86400"}
    assert token != before
    assert re.fullmatch(r"[\w-]{43}", token)
    assert token not in str(items(cafe))
    (mine,) = visitor.send("GET", "/sessions", {"Accept": "*/*"}).json["items"]
    assert (mine["username"], mine["current"]) == ("ada", True)
    assert "As <strong>ada</strong>" in visitor.open("/login").get_data(as_text=True)
    old = BrowserClient(cafe)
    old.cookie = before
    problem(old.send("GET", "/sessions", {"Accept": "*/*"}), 401)


def test_a_cookie_that_was_there_before_the_login_is_never_the_session_afterwards(cafe: TestApp) -> None:
    for planted in ("visit.planted", "planted", cafe.token("member", "mallory")):
        visitor = BrowserClient(cafe)
        visitor.cookie = planted
        visitor.open("/login")
        assert visitor.submit("/login", username="ada", password=PASSWORD).status_code == 303
        assert visitor.cookie != planted
        assert planted not in (visitor.cookie or "")


@pytest.mark.parametrize(
    ("username", "password"),
    [("ada", "wrong"), ("nobody", PASSWORD), ("ada", ""), ("", ""), ("x" * 65, "x"), ("ada", "x" * 129)],
)
def test_wrong_credentials_get_the_form_again(cafe: TestApp, username: str, password: str) -> None:
    visitor = BrowserClient(cafe)
    before = given(visitor.open("/login"))[0]
    answer = visitor.submit("/login", username=username, password=password)
    check_form(answer, 401, WRONG)
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="clowder"'
    assert "Set-Cookie" not in answer.headers
    assert visitor.cookie == before
    assert visitor.submit("/login", username="ada", password=PASSWORD).status_code == 303


def test_nothing_that_was_typed_comes_back(cafe: TestApp) -> None:
    visitor = BrowserClient(cafe)
    typed = '"><script>alert(1)</script>'
    answer = visitor.log_in(typed, "a secret guess")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert not [word for word in ("alert(1)", "secret guess") if word in page]


def test_a_form_with_fields_that_are_missing_or_too_many_is_wrong_and_no_fault_of_ours(cafe: TestApp) -> None:
    visitor = BrowserClient(cafe)
    visitor.open("/login")
    check_form(visitor.submit("/login"), 401, WRONG)
    check_form(visitor.submit("/login", username="ada", password=PASSWORD, wings="2"), 401, WRONG)


def others_token(cafe: TestApp) -> str:
    """Return the token of another visitor's form."""
    other = BrowserClient(cafe)
    other.open("/login")
    return other.csrf


@pytest.mark.parametrize("forged", ["missing", "empty", "foreign", "another visitor's", "without a cookie"])
def test_a_form_that_is_not_this_visitors_logs_nobody_in(cafe: TestApp, forged: str) -> None:
    visitor = BrowserClient(cafe)
    visitor.open("/login")
    tokens = {"empty": "", "foreign": "f" * 64, "another visitor's": others_token(cafe)}
    fields = {"username": "ada", "password": PASSWORD, "csrf_token": tokens.get(forged, visitor.csrf)}
    if forged == "missing":
        del fields["csrf_token"]
    if forged == "without a cookie":
        visitor.cookie = None
    before = visitor.cookie
    with writes_nothing(cafe):
        answer = visitor.send("POST", "/login", data=fields)
    check_form(answer, 403, AGAIN)
    assert ("Set-Cookie" in answer.headers) == (before is None)
    assert (visitor.cookie or "").startswith("visit.")
    assert visitor.submit("/login", username="ada", password=PASSWORD).status_code == 303


def test_who_tries_too_often_is_told_so_on_a_page(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=2, login_window_seconds=60)
    register(cafe, "ada")
    visitor = BrowserClient(cafe)
    assert [visitor.log_in("ada", "wrong").status_code for _ in range(2)] == [401, 401]
    answer = visitor.log_in("ada")
    assert (answer.status_code, answer.mimetype, answer.headers["Retry-After"]) == (429, "text/html", "60")
    assert "Too many tries" in answer.get_data(as_text=True)
    assert (visitor.cookie or "").startswith("visit.")
    cafe.clock.advance(seconds=60)
    assert visitor.log_in("ada").status_code == 303


def test_who_is_logged_in_and_logs_in_as_somebody_else_is_somebody_else(cafe: TestApp) -> None:
    register(cafe, "bea")
    visitor = BrowserClient(cafe)
    visitor.log_in("ada")
    first = visitor.cookie
    visitor.open("/login")
    assert visitor.submit("/login", username="bea", password=PASSWORD).status_code == 303
    assert visitor.cookie != first
    assert "As <strong>bea</strong>" in visitor.open("/login").get_data(as_text=True)
    (left,) = log_in(cafe, "ada").get("/sessions").json["items"]
    assert left["current"], "the session that the browser had before has ended"
