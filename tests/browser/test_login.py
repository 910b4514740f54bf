"""Log in and log out with the HTML forms: cookies, errors, keyboard, autofill, and cross-site requests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.conftest import OpenPage, served
from tests.support.app import TestApp
from tests.support.inspection import items
from tests.support.users import PASSWORD, register

WRONG_CREDENTIALS = "Invalid username/password"


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """Register Ada."""
    assert register(cafe, "ada").status_code == 201
    return cafe


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """Fill in the form and submit it."""
    page.get_by_label("Username").fill("Ada")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_sign_in_and_out_with_an_http_only_cookie(open_page: OpenPage, scripts: bool) -> None:
    visited = open_page("/login", java_script_enabled=scripts)
    page, context = visited.page, visited.page.context
    assert context.cookies() == []
    sign_in(page)
    page.wait_for_url(f"{visited.origin}/")
    cookies = {cookie.get("name"): cookie for cookie in context.cookies()}
    assert set(cookies) == {"session", "device"}
    for each in cookies.values():
        attributes = (
            each.get("path"),
            each.get("domain"),
            each.get("sameSite"),
            each.get("secure"),
            each.get("httpOnly"),
        )
        assert attributes == ("/", "127.0.0.1", "Lax", False, True)
    assert page.evaluate("document.cookie") == ""
    page.goto("/login")
    expect(page.get_by_role("heading", name="You are logged in")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("As ada, in this browser.")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(f"{visited.origin}/")
    assert [cookie.get("name") for cookie in context.cookies()] == ["device"]
    page.goto("/logout")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()
    assert visited.errors == []
    assert visited.foreign_requests == []


def test_wrong_password_shows_an_error_and_allows_another_attempt(open_page: OpenPage) -> None:
    visited = open_page("/login")
    page = visited.page
    sign_in(page, "mistyped")
    expect(page.get_by_role("alert")).to_have_text(WRONG_CREDENTIALS)
    expect(page).to_have_url(f"{visited.origin}/login")
    for label, value in (("Username", "Ada"), ("Password", "")):
        expect(page.get_by_label(label)).to_have_value(value)
        expect(page.get_by_label(label)).to_have_accessible_description(WRONG_CREDENTIALS)
    sign_in(page)
    page.wait_for_url(f"{visited.origin}/")
    assert [error for error in visited.errors if "401 (UNAUTHORIZED)" not in error] == []


def test_form_opened_before_a_login_in_another_tab_still_works(open_page: OpenPage) -> None:
    visited = open_page("/login")
    other = visited.page.context.new_page()
    other.goto("/login")
    sign_in(other)
    other.wait_for_url(f"{visited.origin}/")
    sign_in(visited.page)
    visited.page.wait_for_url(f"{visited.origin}/")


def test_fields_have_labels_and_autocomplete_attributes(open_page: OpenPage) -> None:
    page = open_page("/login").page
    fields = page.locator("main input:not([type=hidden])").evaluate_all(
        "fields => fields.map(field => [field.labels.length, field.autocomplete, field.required, field.type])"
    )
    assert fields == [[1, "username", True, "text"], [1, "current-password", True, "password"]]
    expect(page.get_by_label("Username")).to_have_accessible_name("Username")
    expect(page.get_by_label("Password")).to_have_accessible_name("Password")


def test_form_can_be_submitted_with_the_keyboard_only(open_page: OpenPage) -> None:
    visited = open_page("/login")
    keyboard = visited.page.keyboard
    while (focus := visited.inspect("focus")) is None or focus["id"] != "username":
        keyboard.press("Tab")
        assert visited.inspect("focus")["tag"] in ("a", "input")
    for text in ("ada", PASSWORD):
        focus = visited.inspect("focus")
        assert focus["visible"]
        assert focus["inView"]
        keyboard.type(text)
        keyboard.press("Tab")
    assert (visited.inspect("focus")["tag"], visited.inspect("focus")["visible"]) == ("button", True)
    keyboard.press("Enter")
    visited.page.wait_for_url(f"{visited.origin}/")


@pytest.fixture
def other_origins(origin: str) -> Iterator[list[str]]:
    """Serve empty pages on another port (the same site), and return origins of it: the same site and another one."""

    def empty_page(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<!doctype html><title>Other</title>"]

    with served(empty_page) as other:
        yield [other, other.replace("127.0.0.1", "localhost")]


def test_pages_of_other_origins_can_neither_read_nor_write_with_the_cookie(
    cafe: TestApp, open_page: OpenPage, other_origins: list[str]
) -> None:
    """The first other origin is the same site, so that the browser sends the cookie."""
    visited = open_page("/login")
    sign_in(visited.page)
    visited.page.wait_for_url(f"{visited.origin}/")
    before = items(cafe)
    page = visited.page.context.new_page()
    for other in other_origins:
        for script in (FETCH_FORM, FETCH_JSON):
            page.goto(other)
            assert page.evaluate(script, f"{visited.origin}/users/ada") == "blocked"
        for path in ("/logout", "/login", "/users"):
            page.goto(other)
            page.evaluate(SUBMIT_FORM, [f"{visited.origin}{path}", {"username": "eve", "password": PASSWORD}])
            page.wait_for_url(f"{visited.origin}{path}")
            if (other, path) != (other_origins[1], "/users"):  # a registration needs no cookie, and there is none
                expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("denied|required"))
        page.goto(other)
        page.evaluate("url => { location.href = url }", f"{visited.origin}/logout")
        expect(page.get_by_role("heading", name="You are logged in")).to_be_visible()
    written = [item for item in items(cafe) if item not in before]
    assert not [item for item in written if item["pk"]["S"].startswith(("sessions#", "user_sessions#", "users#ada"))]
    visited.page.goto("/login")
    expect(visited.page.get_by_role("heading", name="You are logged in")).to_be_visible()


def test_own_page_writes_with_the_cookie(open_page: OpenPage) -> None:
    """With fetch, and with a form if the browser sends only Origin: neither needs a token of the page."""
    visited = open_page("/login", bypass_csp=True)
    sign_in(visited.page)
    visited.page.wait_for_url(f"{visited.origin}/")
    assert visited.page.evaluate(FETCH_JSON, f"{visited.origin}/users/ada") == 200
    visited.page.route("**/logout", lambda route: route.continue_(headers=without_fetch_metadata(route.request)))
    visited.page.goto("/logout")
    visited.page.get_by_role("button", name="Log out").click()
    visited.page.wait_for_url(f"{visited.origin}/")
    assert [cookie.get("name") for cookie in visited.page.context.cookies()] == ["device"]


def without_fetch_metadata(request: Request) -> dict[str, str]:
    """Return the headers of a request as an older browser sends them."""
    headers = request.all_headers()
    assert request.method == "GET" or headers["origin"].startswith("http://127.0.0.1:")
    return {name: value for name, value in headers.items() if not name.startswith("sec-fetch-")}


FETCH_JSON = """url => fetch(url, {
  method: "PUT", credentials: "include", headers: {"Content-Type": "application/json"}, body: '{"about": "written"}'
}).then(response => response.status, () => "blocked")"""
FETCH_FORM = """url => fetch(url, {
  method: "POST", credentials: "include", body: new URLSearchParams({about: "written"})
}).then(response => response.status, () => "blocked")"""
SUBMIT_FORM = """([action, fields]) => {
  const form = document.createElement("form");
  Object.assign(form, {method: "post", action});
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), {name, value}));
  }
  document.body.append(form);
  form.submit();
}"""
