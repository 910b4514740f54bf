"""HTML pages: layout, contrast, structure, keyboard focus, and no requests to other hosts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.support.app import TestApp
from tests.support.page import VisitedPage
from tests.support.users import PASSWORD, register

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
SIGNED_OUT = [
    ("/", 200, None),
    ("/problems", 200, None),
    ("/problems/invalid", 200, None),
    ("/login", 200, "Log in"),
    ("/cats", 200, "The cats"),
    ("/cats?goodWith.children=yes&sex=male&breed=none", 200, "The cats"),
    ("/cats/Luna", 200, "Luna"),
    ("/pies", 200, "The menu"),
    ("/pies/cherry", 200, "Cherry pie"),
    ("/posts", 200, "News"),
    ("/posts/1", 200, "Luna moves in"),
    ("/todos", 401, "Authentication required"),
    ("/missing", 404, "Not found"),
    ("/cats/" + "supercalifragilistic" * 10, 404, "Not found"),
    ("/todos/x/done", 405, "Method not allowed"),
    ("/broken", 500, "Internal error"),
    ("/cats?limit=0&wings=2", 400, "Invalid query parameter"),
]
"""The path, status and heading of each page; None stands for any heading."""
LOGGED_IN = [("/logout", 200, "You are logged in"), ("/todos", 403, "Permission denied")]
PATHS_WITH_LINKS = ["/", "/cats?sex=male", "/cats/Luna", "/pies", "/missing", "/problems", "/problems/invalid"]

every_scheme = pytest.mark.parametrize("scheme", ["light", "dark"])
every_viewport = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """Register Ada, and add a route that raises an exception."""

    def broken() -> str:
        raise ZeroDivisionError("an internal detail")

    cafe.app.add_url_rule("/broken", view_func=broken)
    assert register(cafe, "ada").status_code == 201
    pie = {"publicName": "Cherry pie", "rate": 450, "allergens": ["gluten"], "diets": ["vegan"], "available": False}
    assert cafe.staff.put("/pies/cherry", pie).status_code == 201
    post = {"title": "Luna moves in", "body": "# Luna\n\n- *sleeps*\n\n> Quiet.", "cats": ["Luna"]}
    assert cafe.staff.post("/posts", post).status_code == 201
    return cafe


def check_page(visited: VisitedPage, heading: str | None) -> None:
    """Check the requirements of every page."""
    page = visited.page
    if heading is not None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    assert visited.inspect("overflowing") == [], page.url
    assert visited.inspect("lowContrastTexts") == [], page.url
    assert page.locator("h1").count() == page.locator("main").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Clowder" in page.title()
    assert page.locator("link[rel=stylesheet]").count() == 1
    assert page.locator("script:not([type='application/ld+json']), style, [style]").count() == 0
    assert "an internal detail" not in page.content()


def script_errors(visited: VisitedPage) -> list[str]:
    """Return the errors of the console, without those that only report the status of the page."""
    return [error for error in visited.errors if "the server responded with a status of" not in error]


def go(page: Page, path: str, status: int) -> None:
    """Open a page, and check its status and content type."""
    response = page.goto(path)
    assert response is not None
    assert (response.status, response.headers["content-type"]) == (status, "text/html; charset=utf-8")


@every_viewport
@every_scheme
def test_pages_fit_the_screen_and_are_readable(open_page: OpenPage, viewport: dict[str, int], scheme: str) -> None:
    visited = open_page("/", viewport=viewport, color_scheme=scheme)
    for path, status, heading in SIGNED_OUT:
        go(visited.page, path, status)
        check_page(visited, heading)
    assert script_errors(visited) == []
    assert visited.foreign_requests == []


@every_viewport
@every_scheme
def test_pages_of_a_logged_in_user_fit_the_screen_and_are_readable(
    open_page: OpenPage, viewport: dict[str, int], scheme: str
) -> None:
    visited = open_page("/login", viewport=viewport, color_scheme=scheme)
    page = visited.page
    for password, result in (("mistyped", page.get_by_role("alert")), (PASSWORD, page.locator("#welcome"))):
        check_page(visited, "Log in")
        page.get_by_label("Username").fill("ada")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Log in").click()
        expect(result).to_be_visible()
    for path, status, heading in LOGGED_IN:
        go(page, path, status)
        check_page(visited, heading)
    assert script_errors(visited) == []
    assert visited.foreign_requests == []


@pytest.mark.parametrize("path", ["/cats/Luna", "/problems", "/problems/invalid"])
def test_page_from_the_browser_cache_looks_the_same(open_page: OpenPage, path: str) -> None:
    visited = open_page(path)
    screenshot = visited.page.screenshot()
    with visited.page.expect_response(lambda response: response.url == f"{visited.origin}{path}") as revalidation:
        visited.page.goto(path)
    assert "if-none-match" in revalidation.value.request.all_headers()
    assert visited.page.screenshot() == screenshot
    assert visited.errors == []


@pytest.mark.parametrize("path", ["/login", "/cats?sex=male"])
@every_scheme
def test_fields_and_buttons_have_enough_contrast_and_size(open_page: OpenPage, path: str, scheme: str) -> None:
    visited = open_page(path, viewport=PHONE, color_scheme=scheme)
    for summary in visited.page.locator("summary").all():
        summary.click()
    assert visited.inspect("lowContrastControls") == []
    controls = visited.page.locator("input:not([type=hidden]), select, button").all()
    assert len(controls) >= 3
    for control in controls:
        box = control.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 200


@pytest.mark.parametrize("path", PATHS_WITH_LINKS)
def test_keyboard_focus_is_always_visible(open_page: OpenPage, path: str) -> None:
    visited = open_page(path)
    focus = []
    for _ in range(visited.page.locator("a[href]").count()):
        visited.page.keyboard.press("Tab")
        focus.append(visited.inspect("focus"))
    assert all(element and element["visible"] and element["inView"] for element in focus), focus
    assert focus[0]["text"] == "Skip to the content"


def test_skip_link_moves_the_focus_to_the_content(open_page: OpenPage) -> None:
    visited = open_page("/")
    visited.page.keyboard.press("Tab")
    visited.page.keyboard.press("Enter")
    assert visited.inspect("focus")["id"] == "main"


def test_checks_find_low_contrast_overflow_and_invisible_focus(open_page: OpenPage) -> None:
    visited = open_page("/", viewport=PHONE)
    visited.page.evaluate(
        "() => { const title = document.querySelector('h1'); title.style.color = '#ccc'; title.style.width = '500px';"
        " document.querySelector('.skip-link').style.outline = 'none'; }"
    )
    assert any(text.startswith("h1.") for text in visited.inspect("lowContrastTexts"))
    assert visited.inspect("overflowing")
    visited.page.keyboard.press("Tab")
    assert not visited.inspect("focus")["visible"]
