"""What people see when they sign in and when something goes wrong: on a phone and a desk, in the light and the dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.support.app import TestApp
from tests.support.page import VisitedPage
from tests.support.users import PASSWORD, register

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
SIGNED_OUT = [
    ("/login", 200, "Sign in"),
    ("/todos", 401, "Authentication required"),
    ("/nowhere", 404, "Nothing here"),
    ("/cats/nobody", 404, "Nothing here"),
    ("/todos/x/done", 405, "Method not allowed"),
    ("/broken", 500, "Internal error"),
    ("/cats?limit=0&wings=2", 400, "Bad query argument"),
]
SIGNED_IN = [("/logout", 200, "You are signed in"), ("/todos", 403, "Permission denied")]

every_look = pytest.mark.parametrize("scheme", ["light", "dark"])
every_size = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """A café where Ada is registered, with an address that is broken."""

    def broken() -> str:
        raise ZeroDivisionError("a secret of ours")

    cafe.app.add_url_rule("/broken", view_func=broken)
    assert register(cafe, "ada").status_code == 201
    return cafe


def check_looks(seen: VisitedPage, title: str) -> None:
    """Check what has to be true of every page, whatever it says."""
    page = seen.page
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert seen.inspect("tooWide") == []
    assert seen.inspect("paleTexts") == []
    assert page.locator("h1").count() == page.locator("main").count() == 1
    assert page.locator("link[rel=stylesheet]").count() == 1
    assert page.locator("script, style, [style]").count() == 0
    assert "a secret of ours" not in page.content()


def own_complaints(seen: VisitedPage) -> list[str]:
    """Return what the console says besides the status of the page, which it takes for an error."""
    return [complaint for complaint in seen.complaints if "the server responded with a status of" not in complaint]


def go(page: Page, path: str, status: int) -> None:
    """Open a page that has a status."""
    answer = page.goto(path)
    assert answer is not None
    assert (answer.status, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")


@every_size
@every_look
def test_every_page_can_be_read_and_fits(visit: Visits, size: dict[str, int], scheme: str) -> None:
    seen = visit("/", viewport=size, color_scheme=scheme)
    for path, status, title in SIGNED_OUT:
        go(seen.page, path, status)
        check_looks(seen, title)
    assert own_complaints(seen) == []
    assert seen.foreign_requests == []


@every_size
@every_look
def test_the_pages_of_somebody_who_signs_in_can_be_read_and_fit(
    visit: Visits, size: dict[str, int], scheme: str
) -> None:
    seen = visit("/login", viewport=size, color_scheme=scheme)
    for password in ("mistyped", PASSWORD):
        check_looks(seen, "Sign in")
        seen.page.get_by_label("Username").fill("ada")
        seen.page.get_by_label("Password").fill(password)
        seen.page.get_by_role("button", name="Sign in").click()
        expect(
            seen.page.get_by_role("alert") if password != PASSWORD else seen.page.locator("#welcome")
        ).to_be_visible()
    for path, status, title in SIGNED_IN:
        go(seen.page, path, status)
        check_looks(seen, title)
    assert own_complaints(seen) == []
    assert seen.foreign_requests == []


@pytest.mark.parametrize("path", ["/", "/problems", "/problems/invalid"])
def test_a_page_that_comes_out_of_the_browsers_cache_looks_the_same(visit: Visits, path: str) -> None:
    seen = visit(path)
    first = seen.page.screenshot()
    with seen.page.expect_response(lambda answer: answer.url == f"{seen.origin}{path}") as found:
        seen.page.goto(path)
    assert "if-none-match" in found.value.request.all_headers()
    assert seen.page.screenshot() == first
    assert seen.complaints == []


@pytest.mark.parametrize("selector", [".entry input:not([type=hidden])", ".entry button"])
@every_look
def test_fields_and_buttons_stand_out_and_are_large_enough_for_a_finger(
    visit: Visits, selector: str, scheme: str
) -> None:
    seen = visit("/login", viewport=PHONE, color_scheme=scheme)
    assert seen.inspect("paleEdges") == []
    for box in seen.page.locator(selector).all():
        shape = box.bounding_box()
        assert shape is not None
        assert shape["height"] >= 44
        assert shape["width"] >= 200
