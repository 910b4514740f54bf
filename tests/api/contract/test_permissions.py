"""Who may do what: every verb of every path, for every role. The table is complete, and it is executed.

A new route, or a new method of an old one, fails here by name until it has its row in tests/support/permissions.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pytest
from flask import Flask

from api.http.csrf import csrf_token
from api.http.resource import Resource, operation
from tests.support.app import TestApp
from tests.support.permission_requests import NOT_GOOD, marker, prepare, stored_items
from tests.support.permissions import GROUPS, ROLES, SHOWN, TABLE, Row, Statuses, with_aliases
from tools.checks.permissions_page import PAGE, page

WITH_COOKIE = {"/logout": 303}
"""Where a browser is led on."""
ROWS = {row: told for rows in GROUPS.values() for row, told in rows.items()}


def named(row: Iterable[str]) -> str:
    """Return the name of a row."""
    return " ".join(filter(None, row))


def rows(table: Mapping[Row, Statuses] = TABLE, *, read: bool | None = None) -> pytest.MarkDecorator:
    """Try each row of the table; of those that read, or do not, if it is said."""
    chosen = [row for row in table if read is None or (row[0] == "GET") is read]
    return pytest.mark.parametrize("row", chosen, ids=named)


def verbs(app: Flask) -> set[tuple[str, str]]:
    """Return every verb of every path that an app has. HEAD goes with GET, and OPTIONS is everybody's."""
    return {
        (verb, rule.rule.replace("<path:", "{").replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def differences(app: Flask, table: Mapping[Row, Statuses]) -> list[str]:
    """Return the rows that a table lacks, and those that it has too many."""
    told = {(verb, path) for verb, path, _ in table}
    lacking, extra = verbs(app) - told, told - verbs(app)
    return sorted([f"no row for {named(row)}" for row in lacking] + [f"no route for {named(row)}" for row in extra])


def least_roles(table: Mapping[Row, Statuses]) -> dict[tuple[str, str], str]:
    """Return the least role that may call each verb of each path, for whatever of its things."""
    found: dict[tuple[str, str], str] = {}
    for (verb, path, _), told in table.items():
        may = [role for role, status in zip(ROLES, told, strict=True) if status < 400]
        found[verb, path] = min([found.get((verb, path), "owner"), *may], key=ROLES.index)
    return found


def test_the_table_has_every_verb_of_every_path_and_no_other(cafe: TestApp) -> None:
    assert differences(cafe.app, TABLE) == []


def test_a_missing_row_and_an_extra_one_are_named(cafe: TestApp) -> None:
    table = {**TABLE, ("GET", "/dogs", ""): (200,) * 4}
    del table["DELETE", "/cats/{name}", "any"]
    assert differences(cafe.app, table) == ["no route for GET /dogs", "no row for DELETE /cats/{name}"]


def test_a_missing_row_is_named_for_every_path_that_leads_there(cafe: TestApp) -> None:
    table = with_aliases({row: told for row, told in ROWS.items() if row[:2] != ("DELETE", "/users/{username}")})
    assert differences(cafe.app, table) == [
        "no row for DELETE /user/{username}",
        "no row for DELETE /users/{username}",
    ]


def test_a_route_without_a_row_is_named(cafe: TestApp) -> None:
    cafe.app.add_url_rule("/milk/<name>", "milk", view_func=lambda name: name, methods=["GET", "DELETE"])
    assert differences(cafe.app, TABLE) == ["no row for DELETE /milk/{name}", "no row for GET /milk/{name}"]


@rows()
def test_every_role_gets_what_the_table_says_and_who_is_refused_changes_nothing(cafe: TestApp, row: Row) -> None:
    told, changed = [], []
    for role in ROLES:
        ready, before = prepare(cafe, role, row), stored_items(cafe)
        told.append(ready.send())
        changed.append(stored_items(cafe) != before)
    assert tuple(told) == TABLE[row]
    assert changed == [status < 400 and row[0] != "GET" for status in TABLE[row]]


@rows(read=True)
def test_head_asks_for_the_role_that_get_asks_for(cafe: TestApp, row: Row) -> None:
    assert tuple(prepare(cafe, role, row).send("HEAD") for role in ROLES) == TABLE[row]


@rows()
def test_the_token_of_somebody_who_was_deactivated_is_good_for_nothing(cafe: TestApp, row: Row) -> None:
    ready = prepare(cafe, "owner", row, "a former owner")
    assert cafe.client("owner").patch("/users/a former owner", {"active": False}, if_match="*").status_code == 200
    before = stored_items(cafe)
    assert (ready.send(), stored_items(cafe)) == (NOT_GOOD.get(row[1], 401), before)


@rows(read=False)
def test_a_cookie_does_what_the_token_does_if_a_page_of_ours_sent_it(cafe: TestApp, row: Row) -> None:
    ready = prepare(cafe, "owner", row)
    browser, before = ready.browser(cafe), stored_items(cafe)
    assert (ready.send(who=browser), stored_items(cafe)) == (403, before)
    proof = csrf_token(cafe.settings.cursor_key, ready.token)
    assert ready.send(who=browser, X_CSRF_Token=proof) == WITH_COOKIE.get(row[1], TABLE[row][3])


@pytest.mark.parametrize(("path", "what"), SHOWN, ids=map(named, SHOWN))
def test_an_answer_shows_what_the_table_says(cafe: TestApp, path: str, what: str) -> None:
    told = []
    for role in ROLES:
        who, here, text = marker(cafe, role, path, what)
        told.append(text in who.get(here).get_data(as_text=True))
    assert tuple(told) == SHOWN[path, what]


def test_the_roles_that_are_declared_are_those_of_the_table(cafe: TestApp) -> None:
    paths = cafe.public.get("/openapi.json").json["paths"]
    declared = {
        (verb.upper(), path): told["x-role"]
        for path, methods in paths.items()
        for verb, told in methods.items()
        if verb != "parameters"
    }
    table = least_roles(TABLE)
    assert declared == {row: role for row, role in table.items() if row[1] != "/static/{filename}"}


def test_a_role_that_is_declared_otherwise_is_noticed() -> None:
    table = {**TABLE, ("GET", "/todos", ""): (401, 200, 200, 200)}
    assert (least_roles(TABLE)["GET", "/todos"], least_roles(table)["GET", "/todos"]) == ("staff", "member")


def test_the_page_says_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/permissions.md is not up to date: run make docs"


def test_a_row_that_has_changed_changes_the_page() -> None:
    row: Row = ("GET", "/users/{username}", "another's")
    changed = {**GROUPS, "Users": {**GROUPS["Users"], row: (401, 404, 200, 200)}}
    before, after = page().splitlines(), page(changed).splitlines()
    assert set(after) - set(before) == {
        "| `/users/{username}` | GET | another's | 401 | 404 | yes | yes |",
        "| `/users/{username}` | PUT PATCH DELETE | another's | 401 | 404 | 404 | yes |",
    }


def test_a_method_that_declares_nothing_cannot_even_be_made() -> None:
    def get(self: Resource) -> None:
        """Forgotten: nobody said who may call it."""

    with pytest.raises(TypeError, match=r"Forgotten\.get declares no operation: who may call it\?"):
        type("Forgotten", (Resource,), {"path": "/x", "tag": "X", "get": get})
    told = type(
        "Told", (Resource,), {"path": "/x", "tag": "X", "get": operation("X", role="owner", answers={200: str})(get)}
    )
    assert told.operations["get"].role == "owner"


def test_a_role_that_is_forgotten_is_a_mistake_and_not_public() -> None:
    with pytest.raises(TypeError, match="role"):
        operation("X", answers={200: str})(lambda: None)
