"""Pages in the cache of the browser, and the checks of ``inspect.js``, which ``test_every_page.py`` applies."""

from __future__ import annotations

import pytest

from tests.browser.conftest import OpenPage
from tests.support.page import VisitedPage

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}


def script_errors(visited: VisitedPage) -> list[str]:
    """Return the errors of the console, without those that only report the status of the page."""
    return [error for error in visited.errors if "the server responded with a status of" not in error]


@pytest.mark.parametrize("path", ["/cats/Luna", "/problems", "/problems/invalid"])
def test_page_from_the_browser_cache_looks_the_same(open_page: OpenPage, path: str) -> None:
    visited = open_page(path)
    screenshot = visited.page.screenshot()
    with visited.page.expect_response(lambda response: response.url == f"{visited.origin}{path}") as revalidation:
        visited.page.goto(path)
    assert "if-none-match" in revalidation.value.request.all_headers()
    assert visited.page.screenshot() == screenshot
    assert visited.errors == []


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
