"""The owner changes the look and the hours of the café on a page, without scripts, and visitors see it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.support.app import TestApp
from tests.support.users import PASSWORD, register

PHONE = {"width": 390, "height": 844}
THEMES = {"Garden": ("rgb(241, 245, 234)", "rgb(15, 23, 16)"), "Harbour": ("rgb(245, 248, 251)", "rgb(12, 20, 28)")}
"""The background of each theme in the light and in the dark scheme."""


def background(page: Page) -> str:
    """Return the background of the page."""
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


@pytest.mark.parametrize("theme", list(THEMES))
def test_the_owner_changes_the_theme_and_the_hours(cafe: TestApp, open_page: OpenPage, theme: str) -> None:
    assert register(cafe, "ona").status_code == 201
    assert cafe.client("owner").patch("/users/ona", {"role": "owner"}, if_match="*").status_code == 200
    visited = open_page("/login", java_script_enabled=False, viewport=PHONE)
    page = visited.page
    page.get_by_label("Username").fill("ona")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Settings").click()
    assert visited.inspect("overflowing") == visited.inspect("lowContrastTexts") == []
    page.get_by_label(theme).check()
    page.get_by_label("Name").fill("The Purring Pie")
    page.get_by_label("Monday").fill("in the morning")
    page.get_by_label("Accent colour").fill("#ff0")
    page.get_by_role("button", name="Save the café").click()
    expect(page.get_by_label("Monday")).to_have_value("in the morning")
    expect(page.get_by_label("Monday")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Monday").fill("9-12, 14-18")
    page.get_by_role("button", name="Save the café").click()
    expect(page.get_by_role("link", name="The Purring Pie")).to_be_visible()
    expect(page.get_by_role("contentinfo")).to_contain_text("9:00 to 12:00 and 14:00 to 18:00")
    assert not [error for error in visited.errors if "422" not in error]
    for scheme, expected in zip(("light", "dark"), THEMES[theme], strict=True):
        visitor = open_page("/", viewport=PHONE, color_scheme=scheme)
        assert background(visitor.page) == expected
        for path in ("/", "/cats", "/login", "/missing", "/problems"):
            visitor.page.goto(path)
            assert visitor.inspect("overflowing") == visitor.inspect("lowContrastTexts") == [], path
        assert visitor.foreign_requests == []
