"""Signing in and out, in a real browser, with the real form."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.support.app import TestApp
from tests.support.users import PASSWORD, register

WRONG = "Invalid username/password"


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """A café where Ada is registered."""
    assert register(cafe, "ada").status_code == 201
    return cafe


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """Fill in the form as a person does, and send it."""
    page.get_by_label("Username").fill("Ada")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_somebody_signs_in_and_out_with_a_cookie_that_no_script_sees(visit: Visits, scripts: bool) -> None:
    seen = visit("/login", java_script_enabled=scripts)
    page, context = seen.page, seen.page.context
    (before,) = context.cookies()
    sign_in(page)
    page.wait_for_url(f"{seen.origin}/")
    (cookie,) = context.cookies()
    assert cookie.get("value") != before.get("value")
    for one in (before, cookie):
        told = one.get("name"), one.get("path"), one.get("domain"), one.get("sameSite")
        assert told == ("__Host-session", "/", "127.0.0.1", "Lax")
        assert (one.get("secure"), one.get("httpOnly")) == (True, True)
    assert page.evaluate("document.cookie") == ""
    page.goto("/login")
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("As ada, in this browser.")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{seen.origin}/")
    assert context.cookies() == []
    page.goto("/logout")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert seen.complaints == []
    assert seen.foreign_requests == []


def test_who_mistypes_is_told_so_and_can_try_again(visit: Visits) -> None:
    seen = visit("/login")
    page = seen.page
    sign_in(page, "mistyped")
    expect(page.get_by_role("alert")).to_have_text(WRONG)
    expect(page).to_have_url(f"{seen.origin}/login")
    for label in ("Username", "Password"):
        expect(page.get_by_label(label)).to_have_value("")
        expect(page.get_by_label(label)).to_have_accessible_description(WRONG)
    sign_in(page)
    page.wait_for_url(f"{seen.origin}/")
    assert [complaint for complaint in seen.complaints if "401 (UNAUTHORIZED)" not in complaint] == []


def test_a_form_that_was_open_in_another_tab_before_the_login_is_asked_for_again(visit: Visits) -> None:
    seen = visit("/login")
    other = seen.page.context.new_page()
    other.goto("/login")
    sign_in(other)
    other.wait_for_url(f"{seen.origin}/")
    sign_in(seen.page)
    expect(seen.page.get_by_role("main")).to_contain_text("Please load it again")


def test_every_field_has_a_name_and_says_what_a_password_manager_may_fill_in(visit: Visits) -> None:
    page = visit("/login").page
    told = page.locator("main input:not([type=hidden])").evaluate_all(
        "fields => fields.map(field => [field.labels.length, field.autocomplete, field.required, field.type])"
    )
    assert told == [[1, "username", True, "text"], [1, "current-password", True, "password"]]
    expect(page.get_by_label("Username")).to_have_accessible_name("Username")
    expect(page.get_by_label("Password")).to_have_accessible_name("Password")


def test_the_form_can_be_filled_in_and_sent_with_the_keyboard_alone(visit: Visits) -> None:
    seen = visit("/login")
    keyboard = seen.page.keyboard
    while (stop := seen.inspect("focus")) is None or stop["id"] != "username":
        keyboard.press("Tab")
        assert seen.inspect("focus")["tag"] in ("a", "input")
    for text in ("ada", PASSWORD):
        focus = seen.inspect("focus")
        assert focus["marked"]
        assert focus["inView"]
        keyboard.type(text)
        keyboard.press("Tab")
    assert (seen.inspect("focus")["tag"], seen.inspect("focus")["marked"]) == ("button", True)
    keyboard.press("Enter")
    seen.page.wait_for_url(f"{seen.origin}/")


def test_another_site_can_neither_log_in_nor_out(visit: Visits) -> None:
    """The browser sends no cookie with the POST of another site, and no answer to it takes the place of the cookie."""
    seen = visit("/login")
    sign_in(seen.page)
    seen.page.wait_for_url(f"{seen.origin}/")
    for action, title in ((f"{seen.origin}/logout", "Authentication required"), (f"{seen.origin}/login", "Sign in")):
        page = seen.page.context.new_page()
        page.set_content(
            f'<form method="post" action="{action}"><input name="username" value="ada">'
            f'<input name="password" value="{PASSWORD}"><button>Win a kitten</button></form>'
        )
        page.get_by_role("button").click()
        page.wait_for_url(action)
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
    seen.page.goto("/login")
    expect(seen.page.get_by_role("heading", name="You are signed in")).to_be_visible()
