"""The page /docs for somebody who is signed in: what is tried there is sent with the token alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.support.app import TestApp
from tests.support.users import PASSWORD, attempt_login, register

pytestmark = pytest.mark.usefixtures("viewer")


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """A café where Ada is registered."""
    assert register(cafe, "ada").status_code == 201
    return cafe


@pytest.fixture
def page(visit: Visits) -> Page:
    """The docs, in a browser where Ada is signed in."""
    seen = visit("/login")
    seen.page.get_by_label("Username").fill("ada")
    seen.page.get_by_label("Password").fill(PASSWORD)
    seen.page.get_by_role("button", name="Sign in").click()
    seen.page.wait_for_url(f"{seen.origin}/")
    seen.page.goto("/docs")
    return seen.page


def authorise(page: Page, token: str) -> None:
    """Give the page a bearer token."""
    page.locator(".auth-wrapper .authorize").first.click()
    page.locator(".auth-container input").first.fill(token)
    page.locator(".auth-btn-wrapper .authorize").first.click()
    page.locator(".auth-btn-wrapper .btn-done").first.click()


def sessions_tried(page: Page) -> tuple[Any, str]:
    """Try GET /sessions, and return what was sent and which status came."""
    block = page.locator(".opblock-get", has=page.locator("[data-path='/sessions']"))
    block.locator(".opblock-summary-control").click()
    block.locator(".try-out__btn").click()
    with page.expect_response(lambda answer: answer.url.partition("?")[0].endswith("/sessions")) as found:
        block.locator("button.execute").click()
    status = block.locator(".live-responses-table .response-col_status").nth(1)
    expect(status).to_contain_text(str(found.value.status))
    return found.value.request.all_headers(), status.inner_text()


def test_a_token_counts_and_the_cookie_stays_at_home(cafe: TestApp, page: Page) -> None:
    token = attempt_login(cafe, "ada").json["token"]
    authorise(page, token)
    sent, status = sessions_tried(page)
    assert sent["authorization"] == f"Bearer {token}"
    assert "cookie" not in sent
    assert "200" in status


def test_without_a_token_the_docs_act_for_nobody(page: Page) -> None:
    sent, status = sessions_tried(page)
    assert not {"cookie", "authorization"} & sent.keys()
    assert "401" in status
    page.goto("/login")
    expect(page.get_by_role("heading", name="You are signed in")).to_be_visible()
