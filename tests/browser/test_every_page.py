"""Every page that a role can open: accessible, readable, reached by keyboard alone, and valid HTML.

``tests/support/pages.py`` finds the pages: a new page needs no line here. A message names the page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from api.domain.users import Role
from tests.browser.conftest import served
from tests.conftest import new_table
from tests.support.app import TestApp
from tests.support.hostile import ALL, fill
from tests.support.html_validate import validate
from tests.support.page import AXE, VisitedPage
from tests.support.pages import (
    INVALID,
    OTHER,
    USERS,
    HtmlForm,
    Visit,
    browsers,
    crawl,
    distinct,
    populated,
    refused_forms,
)
from tests.support.users import BROWSER, PASSWORD, BrowserClient

ROLES = tuple(USERS)
PHONE, SMALL_PHONE, DESKTOP = (
    {"width": 390, "height": 844},
    {"width": 320, "height": 640},
    {"width": 1280, "height": 800},
)
LOOKS: tuple[tuple[Any, Any, tuple[str, ...]], ...] = (
    (PHONE, "light", ("axe", "overflowing", "lowContrastTexts", "lowContrastControls", "smallControls")),
    (PHONE, "dark", ("lowContrastTexts",)),
    (DESKTOP, "light", ("overflowing", "lowContrastTexts")),
    (DESKTOP, "dark", ("axeLayout", "lowContrastTexts", "lowContrastControls", "invisibleFocus")),
    (SMALL_PHONE, "dark", ("overflowing",)),
)
"""The screen, the colour scheme and the checks of ``inspect.js``."""
SCRIPTS = "[src*='/upload.js']"
"""The scripts that pages have. Nothing needs them."""
LARGE_TEXT = "document.documentElement.style.fontSize = '{}'"
OPEN_DETAILS = "document.querySelectorAll('details').forEach(details => { details.open = true })"
SEND = """([action, names, version, text]) => {
  const form = [...document.forms].find(form => form.getAttribute("action") === action && form.elements[names[0]]);
  form.noValidate = true;
  if (form.elements._rev) form.elements._rev.value = version;
  for (const name of names) form.elements[name].value = text;
  form.requestSubmit();
}"""


@dataclass(frozen=True)
class Site:
    """A running application, and its pages."""

    cafe: TestApp
    clients: dict[Role, BrowserClient]
    origin: str
    visits: list[Visit]
    """The pages of all roles, each once: a page that looks the same to another role is there for one of them."""
    refused: list[Visit]
    """The pages after a form that is invalid or outdated."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Serve an application with an item of every kind, and find its pages."""
    with new_table() as table:
        cafe = populated(table)
        clients = browsers(cafe)
        visits = distinct(visit for role in ROLES for visit in crawl(cafe, clients[role], role))
        refused = [
            page for role in ROLES for page in refused_forms(clients[role], [v for v in visits if v.role == role])
        ]
        with served(cafe.app) as origin:
            yield Site(cafe, clients, origin, visits, refused)


def of_role(visits: list[Visit], role: Role) -> list[Visit]:
    """Return the pages of a role."""
    return [visit for visit in visits if visit.role == role]


def log_in(context: BrowserContext, origin: str, role: Role) -> None:
    """Log in as the user of a role."""
    if username := USERS[role]:
        form = {"username": username, "password": PASSWORD}
        response = context.request.post("/login", form=form, headers=BROWSER | {"Origin": origin}, max_redirects=0)
        assert response.status == 303, response.text()


@pytest.fixture
def visited(browser: Browser, site: Site, role: Role) -> Iterator[VisitedPage]:
    """A page of a browser in which the user of a role is logged in."""
    with browser.new_context(base_url=site.origin, viewport=PHONE) as context:
        log_in(context, site.origin, role)
        context.add_init_script(f"window.loadAxe = () => {{ {AXE.read_text(encoding='utf-8')} }}")
        yield VisitedPage(context.new_page(), site.origin, "/")


def look(visited: VisitedPage, *, is_refusal: bool) -> Iterator[str]:
    """Yield what is wrong with the open page, on a phone and a big screen, light and dark.

    Args:
        visited: the page.
        is_refusal: whether the page is a form that came back with errors. A phone is then enough.
    """
    page = visited.page
    page.evaluate(OPEN_DETAILS)
    for viewport, scheme, checks in LOOKS[:2] if is_refusal else LOOKS:
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        found = page.evaluate(
            "async checks => (await Promise.all(checks.map(async name => (await inspect[name]())"
            ".map(text => `${name}: ${text}`)))).flat()",
            list(checks),
        )
        yield from (f"{viewport['width']} px, {scheme}: {text}" for text in found)
    page.set_viewport_size(DESKTOP)
    page.evaluate(LARGE_TEXT.format("200%"))
    yield from (f"large text: overflowing: {name}" for name in visited.inspect("overflowing"))
    page.evaluate(LARGE_TEXT.format(""))
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="light")


def tab_through(visited: VisitedPage) -> Iterator[str]:
    """Yield what a keyboard cannot reach in the content of the open page, or only without seeing it."""
    page, reached = visited.page, list[Any]()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link
    if (focus := visited.inspect("focus")) is None or focus["id"] != "main":
        yield f"the skip link moves the focus to {focus}"
        return
    while True:
        page.keyboard.press("Tab")
        focus = visited.inspect("focus")
        if focus is None or not focus["inMain"]:
            break
        if focus["closed"]:
            page.keyboard.press("Enter")
        if not (reached and reached[-1]["name"] == focus["name"]):  # a date has a focus for each of its parts
            reached.append(focus)
        if len(reached) > 500:
            yield "the keyboard does not leave the content"
            return
    yield from (f"the focus is not visible: {each['name']}" for each in reached if not each["visible"])
    yield from (f"the focus is not in view: {each['name']}" for each in reached if not each["inView"])
    expected, names = visited.inspect("focusable"), [each["name"] for each in reached]
    if [name for index, name in enumerate(expected) if not index or expected[index - 1] != name] != names:
        yield f"the keyboard reaches {names} and not {expected}"


def wrong(visited: VisitedPage, name: str, status: int, *expected: int, is_refusal: bool = False) -> list[str]:
    """Return what is wrong with the open page, with its name."""
    page = visited.page
    found = [] if status in expected else [f"status {status}"]
    if page.locator(f"script:not([type='application/ld+json'], {SCRIPTS}), style, [style]").count():
        found.append("a script, or a style in the page")
    found += [] if is_refusal else tab_through(visited)
    found += look(visited, is_refusal=is_refusal)
    found += [error for error in visited.errors if "the server responded with a status of" not in error]
    found += [f"request to another host: {url}" for url in visited.foreign_requests]
    visited.errors.clear()
    visited.requested_urls.clear()
    return [f"{name}: {text[:400]}" for text in found]


def open_path(page: Page, path: str) -> int:
    """Open a path, and return the status."""
    response = page.goto(path)
    return response.status if response else 0


def send(page: Page, form: HtmlForm, version: str, text: str = INVALID) -> int:
    """Send a form of the open page with a version and an invalid text. The response is a page with errors."""
    with page.expect_navigation() as navigation:
        page.evaluate(SEND, [form.action, form.typed, version, text])
    return navigation.value.status if navigation.value else 0


@pytest.mark.parametrize("role", ROLES)
def test_each_page_is_accessible_and_reached_by_keyboard(site: Site, visited: VisitedPage, role: Role) -> None:
    messages = []
    for visit in of_role(site.visits, role):
        page = visited.page
        messages += wrong(visited, visit.name, open_path(page, visit.path), visit.status)
        for form in visit.parsed.forms if visit.status == 200 else ():
            for version in form.versions:
                open_path(page, visit.path)
                status, expected = send(page, form, version), (412,) if version == OTHER else (400, 401, 422)
                name = f"{visit.name} after POST {form.action}"
                messages += wrong(visited, name, status, *expected, is_refusal=True)
    if messages:
        pytest.fail("\n".join(messages), pytrace=False)


def test_html_is_valid_with_hostile_texts(site: Site) -> None:
    fill(site.cafe, ALL)
    pages = {visit.name: visit.html for visit in distinct(site.refused)}
    pages |= {visit.name: site.clients[visit.role].open(visit.path).text for visit in site.visits}
    assert validate(pages) == {}


@pytest.mark.parametrize("role", ROLES)
def test_nothing_that_users_write_runs(browser: Browser, site: Site, role: Role) -> None:
    """With hostile texts in every field, and without the Content-Security-Policy, which would stop them too."""
    fill(site.cafe, ALL, code_block=False)
    ran: list[str] = []
    with browser.new_context(base_url=site.origin, bypass_csp=True) as context:
        log_in(context, site.origin, role)
        context.expose_binding("ran", lambda source, _: ran.append(source["page"].url))
        page = context.new_page()
        page.on("dialog", lambda dialog: ran.append(f"{dialog.type}: {page.url}"))
        for visit in of_role(site.visits, role):
            page.goto(visit.path)
            page.mouse.move(200, 200)
            for form in visit.parsed.forms if visit.status == 200 else ():
                for version in form.versions:
                    page.goto(visit.path)
                    send(page, form, version, ALL + INVALID)
    assert ran == []
