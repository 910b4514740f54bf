"""Who may do what: every verb of every path, for every role. The table is complete, and it is executed.

A new route, or a new method of an old one, fails here by name until it has its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from flask import Flask

from api.http.resource import Resource, operation
from tests.api.looking import etag, unchanged
from tests.cafe import PATCH, Cafe, Caller

ROLES = ("public", "member", "staff", "owner")
ALL, MEMBERS, STAFF = (200,) * 4, (401, 200, 200, 200), (401, 403, 200, 200)

TABLE: dict[tuple[str, str], tuple[int, ...]] = {
    # verb, path: what public, member, staff and owner get
    ("GET", "/"): ALL,
    ("GET", "/health"): ALL,
    ("GET", "/openapi.json"): ALL,
    ("GET", "/docs"): ALL,
    ("GET", "/problems"): ALL,
    ("GET", "/problems/{slug}"): ALL,
    ("GET", "/.well-known/api-catalog"): ALL,
    ("GET", "/.well-known/security.txt"): ALL,
    ("GET", "/static/{filename}"): ALL,
    ("GET", "/cats"): ALL,
    ("POST", "/cats"): (401, 403, 201, 201),
    ("GET", "/cats/{name}"): ALL,
    ("PUT", "/cats/{name}"): STAFF,
    ("PATCH", "/cats/{name}"): STAFF,
    ("DELETE", "/cats/{name}"): (401, 403, 204, 204),
    ("GET", "/cats/{name}/history"): STAFF,
    ("GET", "/cats/{name}/weights"): STAFF,
    ("POST", "/cats/{name}/weights"): (401, 403, 201, 201),
    ("GET", "/cats/{name}/weights/{id}"): STAFF,
    ("POST", "/sessions"): (201, 201, 201, 201),
    ("GET", "/sessions"): MEMBERS,
    ("GET", "/sessions/{id}"): MEMBERS,
    ("DELETE", "/sessions/{id}"): (401, 204, 204, 204),
}

BODIES = {
    ("POST", "/cats"): {"name": "kit"},
    ("PUT", "/cats/{name}"): {},
    ("PATCH", "/cats/{name}"): {},
    ("POST", "/cats/{name}/weights"): {"grams": 4000},
    ("POST", "/sessions"): {"username": "owner", "password": "correct horse"},
}


def verbs(app: Flask) -> set[tuple[str, str]]:
    """Return every verb of every path that an app has. HEAD goes with GET, and OPTIONS is everybody's."""
    return {
        (verb, rule.rule.replace("<path:", "{").replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def differences(app: Flask, table: Iterable[tuple[str, str]]) -> list[str]:
    """Return the rows that a table lacks, and those that it has too many."""
    lacking, extra = verbs(app) - set(table), set(table) - verbs(app)
    return sorted(
        [f"no row for {' '.join(row)}" for row in lacking] + [f"no route for {' '.join(row)}" for row in extra]
    )


def test_the_table_has_every_verb_of_every_path_and_no_other(cafe: Cafe) -> None:
    assert differences(cafe.app, TABLE) == []


def test_a_missing_row_and_an_extra_one_are_named(cafe: Cafe) -> None:
    table = {**TABLE, ("GET", "/dogs"): ALL}
    del table["DELETE", "/cats/{name}"]
    assert differences(cafe.app, table) == ["no route for GET /dogs", "no row for DELETE /cats/{name}"]


def test_a_route_without_a_row_is_named(cafe: Cafe) -> None:
    cafe.app.add_url_rule("/milk/<name>", "milk", view_func=lambda name: name, methods=["GET", "DELETE"])
    assert differences(cafe.app, TABLE) == ["no row for DELETE /milk/{name}", "no row for GET /milk/{name}"]


def prepare(cafe: Cafe, role: str, verb: str, path: str) -> Callable[[], int]:
    """Make a request that is in order but for who sends it; return what sends it and tells the status."""
    if path == "/sessions":
        cafe.owner_with_password("correct horse")
    staff = cafe.staff
    tag = etag(staff.put("/cats/luna", {"status": "available"}))
    weighing = staff.post("/cats/luna/weights", {"grams": 4000}).headers["Location"].rpartition("/")[2]
    staff.delete("/cats/kit")
    who: Caller = cafe.caller(role)  # type: ignore[arg-type]
    mine = who.get("/sessions").json["items"][0]["id"] if role != "public" else "x"
    values = {
        "name": "luna",
        "slug": "not-found",
        "filename": "style.css",
        "id": weighing if "weights" in path else mine,
    }
    headers = {"If-Match": tag} if verb in ("PUT", "PATCH", "DELETE") and "{name}" in path else {}
    headers |= {"Accept": "text/html, text/plain, */*;q=0.5"} | (PATCH if verb == "PATCH" else {})
    body = {"json": BODIES[verb, path]} if (verb, path) in BODIES else {}
    return lambda: who.send(verb, path.format(**values), headers, buffered=True, **body).status_code


def send(cafe: Cafe, role: str, verb: str, path: str) -> int:
    """Make such a request and send it."""
    return prepare(cafe, role, verb, path)()


@pytest.mark.parametrize("row", TABLE, ids=" ".join)
def test_every_role_gets_what_the_table_says(cafe: Cafe, row: tuple[str, str]) -> None:
    assert tuple(send(cafe, role, *row) for role in ROLES) == TABLE[row]


@pytest.mark.parametrize("row", [row for row in TABLE if row[0] != "GET"], ids=" ".join)
def test_who_is_refused_has_changed_nothing(cafe: Cafe, row: tuple[str, str]) -> None:
    for role, status in zip(ROLES, TABLE[row], strict=True):
        if status in (401, 403):
            ready = prepare(cafe, role, *row)
            with unchanged(cafe):
                assert ready() == status


@pytest.mark.parametrize("row", [row for row in TABLE if row[0] == "GET"], ids=" ".join)
def test_head_asks_for_the_role_that_get_asks_for(cafe: Cafe, row: tuple[str, str]) -> None:
    assert tuple(send(cafe, role, "HEAD", row[1]) for role in ROLES) == TABLE[row]


def test_the_roles_that_are_declared_are_those_of_the_table(cafe: Cafe) -> None:
    for path, methods in cafe.public.get("/openapi.json").json["paths"].items():
        for verb, told in methods.items():
            if verb != "parameters":
                statuses = zip(ROLES, TABLE[verb.upper(), path], strict=True)
                least = next(role for role, status in statuses if status < 400)
                assert told["x-role"] == least, f"{verb} {path}"


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
