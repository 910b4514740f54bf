"""A walk through the whole API that gets every operation to answer in every way, and keeps what it heard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from tests.api.nouns import CATS
from tests.api.test_rules_errors import mishaps
from tests.cafe import PATCH, Cafe

HTML, MINIMAL = {"Accept": "text/html, text/plain, */*;q=0.1"}, {"Prefer": "return=minimal"}
FIELDS = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Heard:
    """One answer, and the operation that gave it."""

    method: str
    path: str
    """As the document has it: ``/cats/{name}``."""
    status: int
    media: str | None
    body: bytes
    headers: dict[str, str]

    def json(self) -> Any:
        """Return the body as data."""
        return json.loads(self.body)


@contextmanager
def hearing(cafe: Cafe) -> Iterator[list[Heard]]:
    """Keep every answer of an operation that is given meanwhile."""
    heard: list[Heard] = []

    def keep(response: Response) -> Response:
        if (
            request.url_rule is not None
            and request.method not in ("HEAD", "OPTIONS")
            and not response.direct_passthrough
        ):
            path = request.url_rule.rule.replace("<", "{").replace(">", "}")
            body, headers = response.get_data(), dict(response.headers)
            heard.append(Heard(request.method.lower(), path, response.status_code, response.mimetype, body, headers))
        return response

    # The first to be registered comes last: it hears what is sent.
    cafe.app.after_request_funcs.setdefault(None, []).insert(0, keep)
    yield heard
    cafe.app.after_request_funcs[None].remove(keep)


def sweep(cafe: Cafe) -> list[Heard]:
    """Call every operation, well and badly."""
    with hearing(cafe) as heard:
        for answers in mishaps(cafe, CATS).values():
            assert answers
        _lives_of_cats(cafe)
        _scales_and_books(cafe)
        _sessions(cafe)
        _every_way(cafe)
    return heard


def _lives_of_cats(cafe: Cafe) -> None:
    staff, public = cafe.staff, cafe.public
    full = {
        "sex": "female", "birthDate": "2020-05-01", "microchips": [{"number": "276098106234567"}],
        "vaccinations": [{"type": "rabies", "dueOn": "2026-01-01"}], "adoptionFee": {"amount": 1, "currency": "EUR"},
        "bondedWith": ["tom"], "staffNotes": "x", "specialNeeds": {"has": True, "note": "x"}, "status": "available",
    }  # fmt: skip
    staff.put("/cats/tom", full | {"bondedWith": []}), staff.put("/cats/ada", full), staff.put("/cats/ada", full)
    staff.send("PUT", "/cats/ada", MINIMAL, json=full), staff.send("PUT", "/cats/ada", {"If-Match": "*"}, json={})
    staff.send("PATCH", "/cats/kit", PATCH | {"If-None-Match": "*"}, json=full)
    staff.send("PATCH", "/cats/kit", PATCH | MINIMAL | {"If-Match": "*"}, json={})
    staff.patch("/cats/kit", {"wings": 1}, if_match="*"), staff.patch("/cats/kit", full, if_match="*")
    staff.send("POST", "/cats", FIELDS | MINIMAL, data="name=dot"), staff.post("/cats", {"name": "eve"} | full)
    for who in (staff, public):
        for query in ("", "?limit=1", "?sort=age&fields=name,breed", "?status=hold", "?ageGroup=adult", "?cursor=x"):
            who.get(f"/cats{query}")
        for path in ("/cats/ada", "/cats/ada?fields=name", "/cats/nobody"):
            who.get(path), who.get(path, {"If-None-Match": "*"}), who.get(path, {"If-Match": '"old"'})
    staff.delete("/cats/dot"), staff.delete("/cats/dot")


def _scales_and_books(cafe: Cafe) -> None:
    for who in (cafe.public, cafe.caller("member"), cafe.staff):
        for name in ("kit", "nobody"):
            at = f"/cats/{name}/weights"
            who.post(at, {"grams": 4000}), who.post(at, {"grams": 3000, "weighedAt": "2026-11-01T00:00:00Z"})
            who.send("POST", at, FIELDS | MINIMAL, data="grams=3&note=x"), who.post(at, {}), who.post(at, "x" * 300_000)
            (
                who.post(at, {"grams": 1}, if_match='"old"'),
                who.send("POST", at, data="x"),
                who.send("POST", at, data="{", content_type="application/json"),
            )
            weighing = who.get(at).json.get("items", [{"id": "x"}])[0]["id"]
            for path in (at, f"{at}?limit=1", f"{at}?limit=0", f"{at}/{weighing}", f"{at}/x", f"/cats/{name}/history"):
                who.get(path), who.get(path, {"If-None-Match": "*"}), who.get(path, {"If-Match": '"old"'})
            for query in ("limit=1", "limit=0", "at=2026-11-22T12:00:00Z", "at=x", "cursor=x"):
                who.get(f"/cats/{name}/history?{query}")


def _sessions(cafe: Cafe) -> None:
    right = {"username": "owner", "password": cafe.owner_with_password()}
    token = cafe.public.post("/sessions", right).json["token"]
    mine = {"Authorization": f"Bearer {token}"}
    public = cafe.public
    for headers, body in ((MINIMAL, right), ({}, {}), ({"Accept": "image/png"}, right), ({}, "x" * 300_000)):
        public.send("POST", "/sessions", headers, json=body)
    public.send("POST", "/sessions", FIELDS, data="a"), public.send("POST", "/sessions", data="a")
    for number in range(cafe.settings.login_tries + 1):
        public.post("/sessions", {"username": "nobody", "password": str(number)})
    ids = [session["id"] for session in public.get("/sessions", mine).json["items"]]
    for headers in (mine, {}, mine | {"If-None-Match": "*"}, mine | {"If-Match": '"old"'}):
        public.get("/sessions", headers), public.get(f"/sessions/{ids[0]}", headers)
        public.get("/sessions?limit=1", headers), public.get("/sessions?limit=0", headers)
    for headers in ({}, mine | {"If-Match": '"old"'}, mine, mine, {"Authorization": "x"}):
        public.send("DELETE", f"/sessions/{ids[0]}", headers)


WAYS: tuple[tuple[str, dict[str, str], str], ...] = (
    # query, headers and body of a request that something is wrong with, or that asks for little
    ("", {}, ""),
    ("", HTML, ""),
    ("", {"Accept": "application/json"}, ""),
    ("", {"Accept": "image/png"}, ""),
    ("", {"Authorization": "x"}, ""),
    ("?wings=2", HTML, ""),
    ("", HTML | {"If-None-Match": "*"}, ""),
    ("", HTML | {"If-Match": '"old"'}, ""),
    ("", {"Content-Type": "text/csv"}, "a,b"),
    ("", {"Content-Type": "application/json"}, "x" * 300_000),
    ("", {"Content-Type": "application/json"}, "{"),
    ("", {"Content-Type": "application/json"}, '{"wings": 2}'),
    ("", PATCH, "x" * 300_000),
    ("", PATCH | {"If-Match": "*"}, "{"),
    ("", PATCH, "{}"),
    ("", PATCH | {"If-Match": '"old"'}, "{}"),
    ("", {"Content-Type": "application/json", "If-Match": '"old"'}, "{}"),
)


def _every_way(cafe: Cafe) -> None:
    """Call every operation in every way, and in some ways for what is not there and by others."""
    staff, some = cafe.staff, ((cafe.public, WAYS[:1]), (cafe.caller("member"), WAYS[:1]))
    for path, item in cafe.public.get("/openapi.json").json["paths"].items():
        there = path.format(slug="invalid", name="kit", id="x")
        for verb in (verb for verb in ("get", "post", "put", "patch", "delete") if verb in item):
            for who, ways in (*some, (staff, WAYS)):
                for query, headers, body in ways:
                    who.send(verb, there + query, headers, data=body)
            gone = path.format(slug="none", name=f"no {verb}", id="x")
            staff.send(verb, gone, PATCH if verb == "patch" else {"Content-Type": "application/json"}, data="{}")
