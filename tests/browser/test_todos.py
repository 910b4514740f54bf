"""A member of the staff does the next to-do, undoes it, adds one and prints the sheet, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from api.services import accounts
from tests.browser.conftest import OpenPage
from tests.browser.test_pages import DESKTOP, PHONE, script_errors
from tests.support.app import NOON, TestApp
from tests.support.users import PASSWORD

MIN_TARGET = 44
"""The least height of a button in CSS pixels, for a thumb."""


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with three to-dos, and Ada of the staff."""
    accounts.ensure_user(cafe.table, "ada", "staff", PASSWORD, NOON)
    cafe.staff.put("/cats/pip", {"status": "available"})
    every_day = {"every": 1, "unit": "days"}
    for todo in (
        {"title": "Drops", "kind": "medicine", "cat": "pip", "due": "2026-11-22T08:00:00Z", "recurrence": every_day},
        {"title": "Sweep", "due": "2026-11-23", "notes": "Under the oven too."},
        {"title": "Shop", "due": "2026-11-24"},
    ):
        assert cafe.staff.post("/todos", todo).status_code == 201
    return cafe


def titles(page: Page) -> list[str]:
    """Return the titles of the to-dos on the page."""
    return page.locator("main :is(.next h2, .todos h3)").all_inner_texts()


@pytest.mark.parametrize(("viewport", "script"), [(PHONE, False), (DESKTOP, True)], ids=["phone", "desktop"])
def test_the_staff_does_the_next_todo_and_undoes_it(
    open_page: OpenPage, viewport: dict[str, int], script: bool
) -> None:
    visited = open_page("/login", viewport=viewport, java_script_enabled=script)
    page = visited.page
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="To-dos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What to do next")
    assert titles(page) == ["Drops", "Sweep", "Shop"]
    expect(page.locator(".next")).to_contain_text("Overdue since 8:00. An overdue dose comes before everything else.")
    for button in page.locator("main").get_by_role("button").all():
        assert (button.bounding_box() or {})["height"] >= MIN_TARGET
    page.get_by_role("button", name="Done: Drops").click()
    expect(page.get_by_role("status")).to_contain_text("Done: “Drops”.")
    assert titles(page) == ["Drops", "Sweep", "Shop"]  # the next occurrence is due tomorrow
    expect(page.locator(".next")).to_contain_text("Due tomorrow, 8:00.")
    page.get_by_role("button", name="Undo: Drops").click()
    expect(page.get_by_role("status")).to_contain_text("“Drops” is open again.")
    expect(page.locator(".next")).to_contain_text("Overdue since 8:00.")

    page.get_by_role("link", name="Add a to-do").click()
    page.get_by_role("button", name="Save the to-do").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is saved yet.")
    page.get_by_label("What to do").fill("Bake")
    page.get_by_label("Day", exact=True).fill("2026-11-22")
    page.get_by_label("Time", exact=True).fill("11:00")
    page.get_by_label("Sweep").check()
    page.get_by_role("button", name="Save the to-do").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Bake")
    expect(page.locator("main")).to_contain_text("Overdue since 11:00.")
    page.get_by_role("button", name="Done: Bake").click()
    page.get_by_role("link", name="All to-dos").click()
    page.get_by_role("link", name="Done", exact=True).click()
    expect(page.locator("main")).to_contain_text("Done by you, today, 12:00.")
    assert script_errors(visited) == []
    assert visited.foreign_requests == []


def test_the_printed_sheet_has_boxes_and_no_buttons(open_page: OpenPage) -> None:
    page = open_page("/login", color_scheme="dark").page
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.goto("/todos/next")
    page.get_by_role("button", name="Done: Shop").click()
    assert page.locator(".box:visible").count() == 0
    page.emulate_media(media="print")
    text = page.locator("body").inner_text()
    for part in ("Clowder · Sunday, 22 November 2026, 12:00", "Drops", "Pip", "Overdue since 8:00.", "Due tomorrow."):
        assert part in text
    assert page.locator(".box:visible").count() == len(titles(page)) == 2
    hidden = "nav, form, button, img, header, footer, [role=status], .skip-link, .actions, #then"
    assert page.locator(hidden).count() > 5
    assert page.locator(hidden).locator("visible=true").count() == 0
    shown = "[...document.querySelectorAll('body, main *')].filter(element => element.getClientRects().length)"
    colors = f"{shown}.map(element => getComputedStyle(element))"
    assert {*page.evaluate(f"{colors}.map(style => style.backgroundColor)")} <= {
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    }
    assert {*page.evaluate(f"{colors}.map(style => style.color)")} <= {"rgb(0, 0, 0)", "rgb(51, 51, 51)"}
