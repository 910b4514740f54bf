"""The permission matrix: it has a row for every method of every path, and every row holds for every role.

Add a row to tests/support/permissions.py for each new route or method.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from flask import Flask

from api.app import FORM_RESOURCES
from api.http.resource import Resource, operation
from tests.support.app import TestApp
from tests.support.inspection import template_of
from tests.support.permission_requests import INVALID_TOKEN_STATUSES, prepare, prepare_content, stored_items
from tests.support.permissions import GROUPS, ROLES, TABLE, VISIBLE, Row, Statuses, status_with_token, with_aliases
from tests.support.users import token_client
from tools.checks.permissions_page import PAGE, render_page

pytestmark = pytest.mark.slow

COOKIE_STATUSES = {"/logout": 303}
"""The status with a cookie, by path, where it differs from the status with a token."""
ROWS = {row: statuses for rows in GROUPS.values() for row, statuses in rows.items()}


def row_name(row: Iterable[str]) -> str:
    """Return the test id of a row."""
    return " ".join(filter(None, row))


def rows(table: Mapping[Row, Statuses] = TABLE, *, read: bool | None = None) -> pytest.MarkDecorator:
    """Return a mark that parametrizes a test with the rows: all, the reads, or the writes."""
    selected = [row for row in table if read is None or (row[0] == "GET") is read]
    return pytest.mark.parametrize("row", selected, ids=row_name)


def route_methods(app: Flask) -> set[tuple[str, str]]:
    """Return every method and path of the API, without HEAD and OPTIONS. ``test_forms.py`` tests the forms of pages."""
    forms = {resource.__name__ for resource in FORM_RESOURCES}
    return {
        (method, template_of(rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in forms
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def differences(app: Flask, table: Mapping[Row, Statuses]) -> list[str]:
    """Return the missing rows and the rows without a route."""
    documented = {(method, path) for method, path, _ in table}
    missing, extra = route_methods(app) - documented, documented - route_methods(app)
    return sorted(
        [f"no row for {row_name(row)}" for row in missing] + [f"no route for {row_name(row)}" for row in extra]
    )


def least_roles(table: Mapping[Row, Statuses]) -> dict[tuple[str, str], str]:
    """Return the lowest role that may call each method of each path, in any case."""
    roles: dict[tuple[str, str], str] = {}
    for (method, path, _), statuses in table.items():
        allowed = [role for role, status in zip(ROLES, statuses, strict=True) if status < 400]
        roles[method, path] = min([roles.get((method, path), "owner"), *allowed], key=ROLES.index)
    return roles


def test_matrix_has_exactly_the_methods_of_all_paths(cafe: TestApp) -> None:
    assert differences(cafe.app, TABLE) == []


def test_missing_and_extra_rows_are_reported(cafe: TestApp) -> None:
    table = {**TABLE, ("GET", "/dogs", ""): (200,) * 4}
    del table["DELETE", "/cats/{name}", "existing"]
    assert differences(cafe.app, table) == ["no route for GET /dogs", "no row for DELETE /cats/{name}"]


def test_missing_row_is_reported_for_its_aliases(cafe: TestApp) -> None:
    table = with_aliases(
        {row: statuses for row, statuses in ROWS.items() if row[:2] != ("DELETE", "/users/{username}")}
    )
    assert differences(cafe.app, table) == [
        "no row for DELETE /user/{username}",
        "no row for DELETE /users/{username}",
    ]


def test_route_without_a_row_is_reported(cafe: TestApp) -> None:
    cafe.app.add_url_rule("/milk/<name>", "milk", view_func=lambda name: name, methods=["GET", "DELETE"])
    assert differences(cafe.app, TABLE) == ["no row for DELETE /milk/{name}", "no row for GET /milk/{name}"]


@rows()
def test_every_role_gets_the_status_of_the_row_and_refused_requests_change_nothing(cafe: TestApp, row: Row) -> None:
    statuses, changed = [], []
    for role in ROLES:
        request, before = prepare(cafe, role, row), stored_items(cafe)
        statuses.append(request.send())
        changed.append(stored_items(cafe) != before)
    assert tuple(statuses) == TABLE[row]
    assert changed == [status < 400 and row[0] != "GET" for status in TABLE[row]]


@rows()
def test_api_token_gets_the_status_of_its_role_or_403_where_a_session_is_needed(cafe: TestApp, row: Row) -> None:
    request = prepare(cafe, "owner", row)
    client = token_client(cafe, request.who, role="owner")
    assert client.get("/").status_code == 200  # the last use is stored
    before, expected = stored_items(cafe), status_with_token(row)
    assert request.send(client=client) == expected
    assert (stored_items(cafe) != before) == (expected < 400 and row[0] != "GET")


@rows(read=True)
def test_head_needs_the_role_of_get(cafe: TestApp, row: Row) -> None:
    assert tuple(prepare(cafe, role, row).send("HEAD") for role in ROLES) == TABLE[row]


@rows()
def test_token_of_a_deactivated_user_is_401(cafe: TestApp, row: Row) -> None:
    request = prepare(cafe, "owner", row, "a former owner")
    assert cafe.client("owner").patch("/users/a former owner", {"active": False}, if_match="*").status_code == 200
    before = stored_items(cafe)
    assert (request.send(), stored_items(cafe)) == (INVALID_TOKEN_STATUSES.get(row[1], 401), before)


@rows(read=False)
def test_cookie_writes_only_from_a_page_of_this_origin(cafe: TestApp, row: Row) -> None:
    request = prepare(cafe, "owner", row)
    browser, before = request.browser(cafe), stored_items(cafe)
    for headers in ({}, {"Sec_Fetch_Site": "cross-site"}):
        assert (request.send(client=browser, **headers), stored_items(cafe)) == (403, before)
    assert request.send(client=browser, Sec_Fetch_Site="same-origin") == COOKIE_STATUSES.get(row[1], TABLE[row][3])


@pytest.mark.parametrize(("path", "content"), VISIBLE, ids=map(row_name, VISIBLE))
def test_content_is_visible_to_the_roles_of_the_matrix(cafe: TestApp, path: str, content: str) -> None:
    visibility = []
    for role in ROLES:
        client, url, text = prepare_content(cafe, role, path, content)
        visibility.append(text in client.get(url).get_data(as_text=True))
    assert tuple(visibility) == VISIBLE[path, content]


def test_openapi_roles_are_those_of_the_matrix(cafe: TestApp) -> None:
    paths = cafe.public.get("/openapi.json").json["paths"]
    declared = {
        (method.upper(), path): operation["x-role"]
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method != "parameters"
    }
    required = least_roles(TABLE)
    assert declared == {row: role for row, role in required.items() if row[1] != "/static/{filename}"}


def test_changed_role_of_a_row_changes_the_required_role() -> None:
    table = {**TABLE, ("GET", "/todos", ""): (401, 200, 200, 200)}
    assert (least_roles(TABLE)["GET", "/todos"], least_roles(table)["GET", "/todos"]) == ("staff", "member")


def test_permissions_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == render_page(), "docs/permissions.md is not up to date: run make docs"


def test_changed_row_changes_the_page() -> None:
    row: Row = ("GET", "/users/{username}", "another user's")
    changed = {**GROUPS, "Users": {**GROUPS["Users"], row: (401, 404, 200, 200)}}
    before, after = render_page().splitlines(), render_page(changed).splitlines()
    assert set(after) - set(before) == {
        "| `/users/{username}` | GET | another user's | 401 | 404 | yes | yes |",
        "| `/users/{username}` | PUT PATCH DELETE | another user's | 401 | 404 | 404 | yes |",
    }


def test_method_without_a_declared_operation_is_a_type_error() -> None:
    def get(self: Resource) -> None:
        """Handle GET without a declared role."""

    with pytest.raises(TypeError, match=r"Forgotten\.get declares no operation\."):
        type("Forgotten", (Resource,), {"path": "/x", "tag": "X", "get": get})
    declared = type(
        "Declared",
        (Resource,),
        {"path": "/x", "tag": "X", "get": operation("X", id="x", role="owner", responses={200: str})(get)},
    )
    assert declared.operations["get"].role == "owner"


def test_operation_without_a_role_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="role"):
        operation("X", id="x", responses={200: str})(lambda: None)
