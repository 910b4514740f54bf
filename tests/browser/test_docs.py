"""The page /docs: it lists what can be done, lets people try it, and talks to nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.support.app import TestApp

pytestmark = pytest.mark.usefixtures("viewer")

METHODS = {"get", "put", "post", "patch", "delete", "head", "options"}


def operations(cafe: TestApp) -> set[tuple[str, str]]:
    """Return the operations of the document, as method and path."""
    paths: dict[str, Any] = cafe.public.get("/openapi.json").get_json()["paths"]
    return {(method, path) for path, item in paths.items() for method in item.keys() & METHODS}


def listed(page: Page) -> list[tuple[str, str]]:
    """Return the operations that the page shows, as method and path."""
    found = page.locator(".opblock-summary").evaluate_all(
        "blocks => blocks.map(block => [block.querySelector('.opblock-summary-method').textContent.toLowerCase(),"
        " block.querySelector('.opblock-summary-path').dataset.path])"
    )
    return [(method, path) for method, path in found]


def try_the_herd(page: Page) -> None:
    """Open GET /cats, try it out, and wait for its answer."""
    block = page.locator(".opblock-get", has=page.locator("[data-path='/cats']"))
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    block.locator("button.execute").click()
    expect(block.locator(".live-responses-table .response-col_status").nth(1)).to_contain_text("200")
    expect(block.locator(".live-responses-table .response-col_description").nth(1)).to_contain_text("Mogli")


def test_every_operation_of_the_document_is_listed_once(cafe: TestApp, visit: Visits) -> None:
    page = visit("/docs").page
    expected = operations(cafe)
    expect(page.locator(".opblock")).to_have_count(len(expected))
    assert sorted(listed(page)) == sorted(expected)


def test_somebody_can_try_to_list_the_herd_and_nothing_complains(visit: Visits) -> None:
    seen = visit("/docs")
    try_the_herd(seen.page)
    assert f"{seen.origin}/cats" in {url.partition("?")[0] for url in seen.asked}
    assert seen.complaints == []
    assert seen.foreign_requests == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_docs_can_be_read_and_fit_a_phone(visit: Visits, scheme: str) -> None:
    seen = visit("/docs", viewport={"width": 390, "height": 844}, color_scheme=scheme)
    expect(seen.page.locator(".opblock").first).to_be_visible()
    assert seen.inspect("tooWide") == []
    assert seen.inspect("paleTexts") == []


def test_without_scripts_the_page_leads_to_the_document(visit: Visits) -> None:
    seen = visit("/docs", java_script_enabled=False)
    expect(seen.page.locator("noscript a")).to_have_attribute("href", "/openapi.json")
    assert seen.complaints == []


def test_a_script_that_is_not_ours_would_not_run_and_would_be_seen(visit: Visits) -> None:
    seen = visit("/docs")
    seen.run_script(
        "const it = document.createElement('script'); it.text = 'window.ran = true'; document.body.append(it)"
    )
    assert seen.page.evaluate("window.ran") is None
    assert any("against the policy: script-src" in complaint for complaint in seen.complaints)


def test_a_call_to_somewhere_else_would_be_refused_and_seen(visit: Visits) -> None:
    seen = visit("/docs")
    seen.run_script("fetch('http://localhost:1/steal').catch(() => null)")
    assert any("against the policy: connect-src http://localhost:1" in complaint for complaint in seen.complaints)
