"""Every page that a role can open: links lead to each of them, and their forms refuse other sites."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from api.app import FORM_RESOURCES, RESOURCES
from api.domain.users import Role
from api.resources.forms.table import FORMS
from api.web.pages import PAGES
from tests.conftest import new_table
from tests.support.app import TestApp
from tests.support.inspection import writes_nothing
from tests.support.pages import USERS, Visit, browsers, crawl, populated
from tests.support.users import BROWSER, ORIGIN, REFUSED, BrowserClient


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
