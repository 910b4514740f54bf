"""The login page: the form, and the cookies that a login sets."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from werkzeug.test import TestResponse

from api.store.table import Table
from tests.support.app import TestApp
from tests.support.forms import values
from tests.support.inspection import items, writes_nothing
from tests.support.users import PASSWORD, BrowserClient, log_in, register

INVALID_CREDENTIALS = "Invalid username/password"
ATTRIBUTES = {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"}


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """An application with the user Ada."""
    assert register(cafe, "ada").status_code == 201
    return cafe


def set_cookies(response: TestResponse) -> dict[str, tuple[str, set[str]]]:
    """Return the values and the attributes of the cookies that the response sets, without Expires."""
    cookies = {}
    for header in response.headers.getlist("Set-Cookie"):
        pair, *attributes = header.split("; ")
        name, _, value = pair.partition("=")
        cookies[name] = value, {attribute for attribute in attributes if not attribute.startswith("Expires=")}
    return cookies


def check_form(response: TestResponse, status: int, message: str | None) -> None:
    """Assert that the response is the login form, with the message if there is one."""
    assert (response.status_code, response.mimetype) == (status, "text/html")
    page = response.get_data(as_text=True)
    assert '<form method="post" action="/login">' in page
    assert 'type="hidden"' not in page
    assert '<input id="username" name="username"' in page
    assert re.search(r'name="password" type="password"', page)
    assert (message or 'role="alert"') in page if message else 'role="alert"' not in page
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in response.headers["Vary"]
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "<script" not in page


def test_login_page_has_a_form_and_sets_no_cookie(cafe: TestApp) -> None:
    browser = BrowserClient(cafe)
    with writes_nothing(cafe):
        response = browser.open("/login")
    check_form(response, 200, None)
    assert not set_cookies(response)


def test_login_redirects_to_the_root_and_sets_a_session_and_a_device_cookie(cafe: TestApp) -> None:
    browser = BrowserClient(cafe)
    response = browser.submit("/login", username="Ada", password=PASSWORD)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert (response.headers["Cache-Control"], "Cookie" in response.headers["Vary"]) == ("private, no-store", True)
    cookies = set_cookies(response)
    assert {name: attributes for name, (_, attributes) in cookies.items()} == {
        "__Host-session": ATTRIBUTES | {"Max-Age=86400"},
        "__Host-device": ATTRIBUTES | {"Max-Age=31536000"},
    }
    token, _ = cookies["__Host-session"]
    assert re.fullmatch(r"[\w-]{43}", token)
    assert token not in str(items(cafe))
    (session,) = browser.send("GET", "/sessions", {"Accept": "*/*"}).json["items"]
    assert (session["username"], session["current"]) == ("ada", True)
    assert "As <strong>ada</strong>" in browser.open("/login").get_data(as_text=True)


def test_login_replaces_any_earlier_cookie(cafe: TestApp) -> None:
    for planted in ("planted", cafe.token("member", "mallory")):
        browser = BrowserClient(cafe)
        browser.cookie = planted
        assert browser.submit("/login", username="ada", password=PASSWORD).status_code == 303
        assert browser.cookie != planted
        assert planted not in (browser.cookie or "")


@pytest.mark.parametrize(
    ("username", "password"),
    [("ada", "wrong"), ("missing", PASSWORD), ("ada", ""), ("", ""), ("x" * 65, "x"), ("ada", "x" * 129)],
)
def test_invalid_credentials_are_401_with_the_form(cafe: TestApp, username: str, password: str) -> None:
    browser = BrowserClient(cafe)
    response = browser.submit("/login", username=username, password=password)
    check_form(response, 401, INVALID_CREDENTIALS)
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="clowder"'
    assert "Set-Cookie" not in response.headers
    assert browser.submit("/login", username="ada", password=PASSWORD).status_code == 303


def test_a_wrong_password_leaves_the_username_in_the_form_but_not_the_password(cafe: TestApp) -> None:
    browser = BrowserClient(cafe)
    for typed, shown in (("Ada", "Ada"), ('"><script>x</script>', '"><script>x</script>'), ("x" * 65, ""), ("\t", "")):
        response = browser.log_in(typed, "a secret guess")
        assert response.status_code == 401
        assert values(response) == {"username": [shown], "password": [""]}
        assert not [word for word in ("<script", "secret guess") if word in response.text]


def test_form_with_missing_or_unknown_fields_is_401(cafe: TestApp) -> None:
    browser = BrowserClient(cafe)
    check_form(browser.submit("/login", username="ada"), 401, INVALID_CREDENTIALS)
    check_form(browser.submit("/login", username="ada", password=PASSWORD, wings="2"), 401, INVALID_CREDENTIALS)


def test_rate_limited_login_is_429_with_a_page(mocked_table: Table) -> None:
    cafe = TestApp(mocked_table, login_tries=2, login_window_seconds=60)
    register(cafe, "ada")
    browser = BrowserClient(cafe)
    assert [browser.log_in("ada", "wrong").status_code for _ in range(2)] == [401, 401]
    response = browser.log_in("ada")
    assert (response.status_code, response.mimetype, response.headers["Retry-After"]) == (429, "text/html", "60")
    assert "Too many attempts" in response.get_data(as_text=True)
    assert "Set-Cookie" not in response.headers
    cafe.clock.advance(seconds=60)
    assert browser.log_in("ada").status_code == 303


def test_login_as_another_user_ends_the_previous_session(cafe: TestApp) -> None:
    register(cafe, "bea")
    browser = BrowserClient(cafe)
    browser.log_in("ada")
    first = browser.cookie
    browser.open("/login")
    assert browser.submit("/login", username="bea", password=PASSWORD).status_code == 303
    assert browser.cookie != first
    assert "As <strong>bea</strong>" in browser.open("/login").get_data(as_text=True)
    (session,) = log_in(cafe, "ada").get("/sessions").json["items"]
    assert session["current"], "the first session of the browser has ended"


def test_login_returns_to_the_page_that_needed_it(cafe: TestApp) -> None:
    browser = BrowserClient(cafe)
    for path in ("/users/ada?fields=about", "/cats/Zo%C3%AB/history?limit=1&sort=a,b", "/todos"):
        (link,) = re.findall(r'href="(/login\?next=[^"]*)"', browser.open(path).text)
        form = browser.open(unescape(link))
        assert values(form)["next"] == [path]
        again = browser.send("POST", "/login", data=values(form) | {"username": ["ada"], "password": ["wrong"]})
        assert (again.status_code, values(again)["next"]) == (401, [path])
        response = browser.send("POST", "/login", data=values(again) | {"username": ["ada"], "password": [PASSWORD]})
        assert (response.status_code, response.headers["Location"]) == (303, path)
        browser.cookies.clear()
    refused = browser.submit("/todos")  # a link cannot send it again
    assert (refused.status_code, "next=" in refused.text) == (401, False)


ELSEWHERE = (
    "https://evil.example/", "//evil.example", "///evil.example", r"/\evil.example", r"\\evil.example", "evil.example",
    "/%2Fevil.example", "/%2f%2fevil.example", "/%5Cevil.example", "/x//evil.example", "/.//evil.example",
    "/\t/evil.example", "/\n/evil.example", "/%0d%0aSet-Cookie:a=b", "/%09/evil.example", "/ /evil.example",
    " //evil.example", "javascript:alert(1)", "data:text/html,x", "http:evil.example", "/\u2028evil", "/é", "/a#b",
    "@evil.example", ":80", "?next=//evil.example", "/%00", '/"><script>', "/" + "a" * 1000,
)  # fmt: skip
"""Texts that are no path of this site, or that a browser or a proxy may not read as one."""


@pytest.mark.parametrize("path", ELSEWHERE)
def test_login_leads_to_no_other_site(cafe: TestApp, path: str) -> None:
    browser = BrowserClient(cafe)
    check_form(browser.open(f"/login?{urlencode({'next': path})}"), 200, None)
    response = browser.submit("/login", username="ada", password=PASSWORD, next=path)
    assert (response.status_code, response.headers["Location"]) == (303, "/")


@pytest.mark.parametrize("path", ["/", "/todos/next?explain=true", "/cats/%25%2Fa", "/cats?name=%2F%2F&sort=http://x"])
def test_login_leads_to_each_path_of_this_site(cafe: TestApp, path: str) -> None:
    response = BrowserClient(cafe).submit("/login", username="ada", password=PASSWORD, next=path)
    assert (response.status_code, response.headers["Location"]) == (303, path)
