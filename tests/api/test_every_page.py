"""Every page that a role can open: links lead to each of them, and their forms refuse other sites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import NamedTuple

import pytest

from api.app import FORM_RESOURCES, RESOURCES
from api.domain.users import Role
from api.resources.forms.table import FORMS
from api.web.forms.messages import GENERIC
from api.web.pages import PAGES
from tests.conftest import new_table
from tests.support.app import TestApp
from tests.support.forms import values
from tests.support.inspection import writes_nothing
from tests.support.pages import USERS, Visit, browsers, crawl, populated
from tests.support.users import BROWSER, ORIGIN, REFUSED, BrowserClient

BAD_TEXTS = (
    "", "x" * 300, "a;b\u200b", "\u2800", "x\x07", "0", "1.5", "99999999999", "1 XXX", "1950-01-01T00:00", "2101-01-01",
    "a, " * 60, "a \n" * 20, "9-10, " * 9 + "11-12", "18-9",
)  # fmt: skip
"""Texts that some kind of field refuses, each for a reason of its own."""
API_WORDS = re.compile(
    r"\b[a-z]+[A-Z]\w*|\b(array|string|object|integer|elements|null|boolean|pattern|format|id|JSON|RFC|UTC|HTML)\b|U\+"
    r"|\bmember\b(?! of the staff)|must match|\bone of .{60}|/[a-z]+/|[A-Za-z0-9_-]{16}|^[a-z]|" + re.escape(GENERIC)
)
"""Words that a message for people does not have: names and types of the API, code points, lists of values, and ids."""


class Site(NamedTuple):
    """An application, and the pages of each role."""

    cafe: TestApp
    browsers: dict[Role, BrowserClient]
    visits: dict[Role, list[Visit]]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Find the pages of all roles."""
    with new_table() as table:
        cafe = populated(table)
        clients = browsers(cafe)
        yield Site(cafe, clients, {role: crawl(cafe, clients[role], role) for role in clients})


def test_links_lead_to_every_page_and_every_form(site: Site) -> None:
    operations = {
        f"/{resource.path.strip('/').replace('{', '<').replace('}', '>')}": operation.id
        for resource in (*RESOURCES, *FORM_RESOURCES)
        for method, operation in resource.operations.items()
        if method == "get"
    }
    opened = {
        visit.pattern.removesuffix("?") for visits in site.visits.values() for visit in visits if visit.status == 200
    }
    pages = {path for path, operation in operations.items() if operation in PAGES and "<form>" not in path}
    assert pages - opened == set()
    assert {name for name in FORMS if not any(f"{path}/".startswith(f"/forms/{name}/") for path in opened)} == set()


@pytest.mark.parametrize("role", USERS)
def test_each_form_refuses_other_sites(site: Site, role: Role) -> None:
    cookies = "; ".join(f"{name}={value}" for name, value in site.browsers[role].cookies.items())
    client, headers = site.cafe.app.test_client(use_cookies=False), BROWSER | {"Cookie": cookies}
    forms = {
        (form.action, *form.fields): form
        for visit in site.visits[role]
        for form in visit.parsed.forms
        if form.method == "post" and form.action.startswith("/")
    }
    assert forms
    with writes_nothing(site.cafe):
        for form in forms.values():
            for other in REFUSED:
                response = client.post(form.action, base_url=ORIGIN, data=form.fields, headers=headers | other)
                assert response.status_code == 403, (form.action, other)


@pytest.mark.parametrize("role", ["public", "owner"])
def test_the_messages_of_forms_have_no_words_of_the_api(site: Site, role: Role) -> None:
    forms = {
        form.action: form
        for visit in site.visits[role]
        for form in visit.parsed.forms
        if form.action.startswith("/forms/") and form.typed and visit.status == 200
    }
    assert forms
    browser, found = site.browsers[role], set[tuple[str, str]]()
    for action, form in forms.items():
        names = [name for name in form.fields if not name.startswith("_")]
        for text in BAD_TEXTS:
            response = browser.send("POST", action, data=form.fields | {name: [text] for name in names})
            assert response.status_code in (303, 403, 422), (action, text)
            messages = re.findall(r'class="field-error"[^>]*>(.*?)</p>|<li>([^<]*)</li>', response.text)
            found |= {(action, unescape(field or other)) for field, other in messages if response.status_code == 422}
            if response.status_code == 303 and "_rev" in form.fields:
                form.fields["_rev"] = values(browser.open(action))["_rev"]
    assert [(action, message) for action, message in sorted(found) if API_WORDS.search(message)] == []
    assert len({message for _, message in found}) > {"public": 5, "owner": 50}[role]
