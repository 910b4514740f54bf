"""The story of an account, with and without scripts: register, log in, get a role, change the password."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.support.app import TestApp
from tests.support.users import PASSWORD, BrowserClient, attempt_login, register

NEW_PASSWORD = "a warm window sill"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """Register Olga, an owner."""
    assert register(cafe, "olga").status_code == 201
    assert cafe.client("owner", "Ona").patch("/users/olga", {"role": "owner"}, if_match="*").status_code == 200
    return cafe


def log_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """Fill in the login form, and send it."""
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def navigation(page: Page) -> list[str]:
    """Return the links of the navigation."""
    return page.get_by_role("navigation", name="Main").get_by_role("link").all_inner_texts()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_new_member_gets_a_role_and_changes_the_password(cafe: TestApp, open_page: OpenPage, scripts: bool) -> None:
    visited = open_page("/login", java_script_enabled=scripts, viewport=PHONE)
    page = visited.page
    page.get_by_role("link", name="Register").click()
    page.get_by_label("Username").fill("mia")
    page.get_by_label("Password").fill("password1")
    page.get_by_label("About").fill("I bake.")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_label("Password")).to_have_accessible_description(re.compile("most common passwords"))
    expect(page.get_by_label("About")).to_have_value("I bake.")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("status")).to_have_text("You are registered. Log in now.")
    log_in(page, "mia")
    page.wait_for_url(f"{visited.origin}/")
    assert navigation(page)[-2:] == ["My profile", "Log out"]

    owner = open_page("/users?role=member", java_script_enabled=scripts).page
    owner.get_by_role("link", name="Log in", exact=True).last.click()
    log_in(owner, "olga")
    owner.wait_for_url(f"{visited.origin}/users?role=member")
    owner.get_by_role("link", name="mia").click()
    owner.get_by_role("link", name="Change the role or the account").click()
    owner.get_by_label("Role").select_option("Staff")
    owner.get_by_role("button", name="Save the account").click()
    expect(owner.get_by_role("status")).to_have_text("Saved.")

    page.get_by_role("link", name="My profile").click()
    assert "To-dos" in navigation(page)
    page.get_by_role("link", name="My API tokens").click()
    page.get_by_role("link", name="Create a token").click()
    page.get_by_label("Name").fill("till")
    page.get_by_role("button", name="Create the token").click()
    token = page.locator("pre").inner_text()
    page.get_by_role("link", name="I have copied it").click()
    expect(page.get_by_role("listitem").filter(has_text="till")).to_contain_text("never used")
    assert token not in page.content()

    other = BrowserClient(cafe)
    assert other.log_in("mia").status_code == 303
    page.get_by_role("link", name="My profile").last.click()
    page.get_by_role("link", name="Change my password").click()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    page.get_by_role("link", name="My sessions").click()
    expect(page.get_by_role("listitem").filter(has_text="Since")).to_contain_text("this one")
    assert other.open("/users/me").status_code == 401
    assert (attempt_login(cafe, "mia").status_code, attempt_login(cafe, "mia", NEW_PASSWORD).status_code) == (401, 201)
    assert not [url for url in visited.requested_urls if token in url or "pass" in url.partition("?")[2]]
    assert [error for error in visited.errors if "422" not in error] == []
    assert visited.foreign_requests == []
