"""A visitor finds a cat that is good with children, and reads its page, without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.test_pages import DESKTOP, PHONE, script_errors
from tests.support.app import TestApp


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with a cat for families, who is bonded."""
    cats = {
        "miso": {"status": "available", "description": "Purrs on every lap."},
        "pip": {"status": "available", "goodWith": {"children": "over5"}, "bondedWith": ["miso"]},
        "pearl": {"status": "resident", "goodWith": {"children": "no"}},
    }
    for name, body in cats.items():
        assert cafe.staff.put(f"/cats/{name}", body).status_code == 201
    return cafe


def cats(page: Page) -> list[str]:
    """Return the names on the cards of a list."""
    return page.locator(".cat h2").all_inner_texts()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("script", [False, True], ids=["without script", "with script"])
def test_a_visitor_finds_a_cat_for_a_family(open_page: OpenPage, viewport: dict[str, int], script: bool) -> None:
    visited = open_page("/", viewport=viewport, java_script_enabled=script)
    page = visited.page
    page.get_by_role("link", name="Find your cat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The cats")
    assert {"Pip", "Miso", "Luna"} <= {*cats(page)}
    page.get_by_text("Filter and sort").click()
    page.get_by_label("Children").select_option(label="Children over 5")
    page.get_by_role("button", name="Show the cats").click()
    expect(page).to_have_url(f"{visited.origin}/cats?status=available&goodWith.children=yes%2Cover5&ageGroup=&"
                             "goodWith.cats=&goodWith.dogs=&sex=&breed=&sort=")  # fmt: skip
    assert cats(page) == ["Pip"]
    page.get_by_role("link", name="Pip").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pip")
    expect(page.get_by_text("Good with children over 5")).to_be_visible()
    expect(page.get_by_text("Bonded with Miso: they move together.")).to_be_visible()
    page.get_by_role("link", name="Miso").click()
    expect(page.get_by_text("Purrs on every lap.")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Cats").click()
    page.get_by_role("link", name="Good with children").click()
    expect(page.get_by_text("No cat is like that at the moment.")).to_be_visible()
    page.get_by_role("link", name="see all cats").click()
    assert {"Pip", "Miso", "Pearl"} <= {*cats(page)}
    assert script_errors(visited) == []
    assert visited.foreign_requests == []
