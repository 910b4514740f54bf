"""The page /docs: it lists and runs every operation, and its Content-Security-Policy blocks other scripts and hosts."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.support.app import TestApp
from tests.support.page import AXE

pytestmark = pytest.mark.usefixtures("swagger_ui")

METHODS = {"get", "put", "post", "patch", "delete", "head", "options"}

OF_SWAGGER_UI = {
    "nested-interactive": "The button that copies a path is inside the button that opens its operation.",
    "aria-allowed-role": "Its <main> has another role, because the page has a <main> already.",
}
"""The rules of axe-core that Swagger UI itself breaks, each with the reason."""


def documented_operations(cafe: TestApp) -> set[tuple[str, str]]:
    """Return the operations of the OpenAPI document, as method and path."""
    paths: dict[str, Any] = cafe.public.get("/openapi.json").get_json()["paths"]
    return {(method, path) for path, item in paths.items() for method in item.keys() & METHODS}


def listed_operations(page: Page) -> list[tuple[str, str]]:
    """Return the operations that the page lists, as method and path."""
    operations = page.locator(".opblock-summary").evaluate_all(
        "blocks => blocks.map(block => [block.querySelector('.opblock-summary-method').textContent.toLowerCase(),"
        " block.querySelector('[data-path]').dataset.path])"
    )
    return [(method, path) for method, path in operations]


def execute_list_cats(page: Page) -> None:
    """Execute GET /cats on the page, and wait for the response."""
    block = page.locator(".opblock-get", has=page.locator("[data-path='/cats']"))
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    block.locator("button.execute").click()
    expect(block.locator(".live-responses-table .response-col_status").nth(1)).to_contain_text("200")
    expect(block.locator(".live-responses-table .response-col_description").nth(1)).to_contain_text("Mogli")


def test_every_operation_is_listed_once(cafe: TestApp, open_page: OpenPage) -> None:
    page = open_page("/docs").page
    expected = documented_operations(cafe)
    expect(page.locator(".opblock")).to_have_count(len(expected))
    assert sorted(listed_operations(page)) == sorted(expected)


def test_list_of_cats_can_be_executed_without_errors(open_page: OpenPage) -> None:
    visited = open_page("/docs")
    execute_list_cats(visited.page)
    visited.page.evaluate(AXE.read_text(encoding="utf-8"))
    assert [text for text in visited.inspect("axe") if text.partition(":")[0] not in OF_SWAGGER_UI] == []
    assert f"{visited.origin}/cats" in {url.partition("?")[0] for url in visited.requested_urls}
    assert visited.errors == []
    assert visited.foreign_requests == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_docs_fit_a_phone_and_are_readable(open_page: OpenPage, scheme: str) -> None:
    visited = open_page("/docs", viewport={"width": 390, "height": 844}, color_scheme=scheme)
    expect(visited.page.locator(".opblock").first).to_be_visible()
    assert visited.inspect("overflowing") == []
    assert visited.inspect("lowContrastTexts") == []


def test_docs_without_scripts_link_to_the_openapi_document(open_page: OpenPage) -> None:
    visited = open_page("/docs", java_script_enabled=False)
    expect(visited.page.locator("noscript a")).to_have_attribute("href", "/openapi.json")
    assert visited.errors == []


def test_inline_script_is_blocked_and_reported(open_page: OpenPage) -> None:
    visited = open_page("/docs")
    visited.run_forbidden_script(
        "const script = document.createElement('script');"
        " script.text = 'window.ran = true'; document.body.append(script)"
    )
    assert visited.page.evaluate("window.ran") is None
    assert any("CSP violation: script-src" in error for error in visited.errors)


def test_request_to_another_host_is_blocked_and_reported(open_page: OpenPage) -> None:
    visited = open_page("/docs")
    visited.run_forbidden_script("fetch('http://localhost:1/steal').catch(() => null)")
    assert any("CSP violation: connect-src http://localhost:1" in error for error in visited.errors)
