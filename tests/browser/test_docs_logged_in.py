"""The page /docs of a signed-in user: requests have the bearer token that the user entered, and never the cookie."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.support.app import TestApp
from tests.support.users import PASSWORD, attempt_login, register

pytestmark = pytest.mark.usefixtures("swagger_ui")


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """Register Ada."""
    assert register(cafe, "ada").status_code == 201
    return cafe


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """Log in as Ada and open the docs."""
    visited = open_page("/login")
    visited.page.get_by_label("Username").fill("ada")
    visited.page.get_by_label("Password").fill(PASSWORD)
    visited.page.get_by_role("button", name="Log in").click()
    visited.page.wait_for_url(f"{visited.origin}/")
    visited.page.goto("/docs")
    return visited.page


def authorise(page: Page, token: str) -> None:
    """Enter a bearer token in the page."""
    page.locator(".auth-wrapper .authorize").first.click()
    page.locator(".auth-container input").first.fill(token)
    page.locator(".auth-btn-wrapper .authorize").first.click()
    page.locator(".auth-btn-wrapper .btn-done").first.click()


def execute_list_sessions(page: Page) -> tuple[Any, str]:
    """Execute GET /sessions on the page, and return the request headers and the displayed status."""
    block = page.locator(".opblock-get", has=page.locator("[data-path='/sessions']"))
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    with page.expect_response(lambda response: response.url.partition("?")[0].endswith("/sessions")) as caught:
        block.locator("button.execute").click()
    status = block.locator(".live-responses-table .response-col_status").nth(1)
    expect(status).to_contain_text(str(caught.value.status))
    return caught.value.request.all_headers(), status.inner_text()


def test_request_with_a_token_sends_no_cookie(cafe: TestApp, page: Page) -> None:
    token = attempt_login(cafe, "ada").json["token"]
    authorise(page, token)
    headers, status = execute_list_sessions(page)
    assert headers["authorization"] == f"Bearer {token}"
    assert "cookie" not in headers
    assert "200" in status


def test_request_without_a_token_is_unauthenticated(page: Page) -> None:
    headers, status = execute_list_sessions(page)
    assert not {"cookie", "authorization"} & headers.keys()
    assert "401" in status
    page.goto("/login")
    expect(page.get_by_role("heading", name="You are logged in")).to_be_visible()
