"""Log in and log out with the HTML forms: cookies, errors, keyboard, autofill, and cross-site requests."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.support.app import TestApp
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
    (before,) = context.cookies()
    sign_in(page)
    page.wait_for_url(f"{visited.origin}/")
    (cookie,) = context.cookies()
    assert cookie.get("value") != before.get("value")
    for each in (before, cookie):
        attributes = each.get("name"), each.get("path"), each.get("domain"), each.get("sameSite")
        assert attributes == ("__Host-session", "/", "127.0.0.1", "Lax")
        assert (each.get("secure"), each.get("httpOnly")) == (True, True)
    assert page.evaluate("document.cookie") == ""
    page.goto("/login")
    expect(page.get_by_role("heading", name="You are logged in")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("As ada, in this browser.")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(f"{visited.origin}/")
    assert context.cookies() == []
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
    for label in ("Username", "Password"):
        expect(page.get_by_label(label)).to_have_value("")
        expect(page.get_by_label(label)).to_have_accessible_description(WRONG_CREDENTIALS)
    sign_in(page)
    page.wait_for_url(f"{visited.origin}/")
    assert [error for error in visited.errors if "401 (UNAUTHORIZED)" not in error] == []


def test_form_opened_before_a_login_in_another_tab_is_rejected(open_page: OpenPage) -> None:
    visited = open_page("/login")
    other = visited.page.context.new_page()
    other.goto("/login")
    sign_in(other)
    other.wait_for_url(f"{visited.origin}/")
    sign_in(visited.page)
    expect(visited.page.get_by_role("main")).to_contain_text("Reload the page and try again")


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


def test_cross_site_post_can_neither_sign_in_nor_sign_out(open_page: OpenPage) -> None:
    """The browser sends no cookie with a cross-site POST, and the response does not replace the cookie."""
    visited = open_page("/login")
    sign_in(visited.page)
    visited.page.wait_for_url(f"{visited.origin}/")
    for path, heading in (("/logout", "Authentication required"), ("/login", "Log in")):
        action = f"{visited.origin}{path}"
        page = visited.page.context.new_page()
        page.set_content(
            f'<form method="post" action="{action}"><input name="username" value="ada">'
            f'<input name="password" value="{PASSWORD}"><button>Win a kitten</button></form>'
        )
        page.get_by_role("button").click()
        page.wait_for_url(action)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    visited.page.goto("/login")
    expect(visited.page.get_by_role("heading", name="You are logged in")).to_be_visible()
