"""A walk through the whole API that gets every operation to answer in every way, and keeps what it heard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from tests.api.lives import MINIMAL, Browser, live
from tests.api.nouns import CATS
from tests.api.test_rules_errors import mishaps
from tests.cafe import PATCH, Cafe, Caller

HTML = {"Accept": "text/html, text/plain, application/atom+xml, */*;q=0.1"}
JSON = {"Content-Type": "application/json"}
BIG = "x" * 300_000


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
        live(cafe)
        _every_way(cafe)
    return heard


GOOD = "what is good for it"
"""Stands for a body that this path takes."""
WAYS: tuple[tuple[str, dict[str, str], str], ...] = (
    # query, headers and body of a request that something is wrong with, or that asks for little; the last may delete
    ("", {"Accept": "image/png"}, ""),
    ("", {"Accept": "text/plain"}, ""),
    ("", {"Accept": "application/vnd.oai.openapi+json"}, ""),
    ("", {"Authorization": "x"}, ""),
    ("?wings=2", HTML, ""),
    ("", HTML | {"If-None-Match": "*"}, ""),
    ("", HTML | {"If-Match": '"old"'}, ""),
    ("", {"Content-Type": "text/csv"}, "a,b"),
    ("", JSON, BIG),
    ("", JSON, "{"),
    ("", JSON, '{"wings": 2}'),
    ("", PATCH, BIG),
    ("", PATCH | {"If-Match": "*"}, "{"),
    ("", PATCH | {"If-Match": "*"}, '{"wings": 2}'),
    ("", PATCH | {"If-Match": '"old"'}, "{}"),
    ("", PATCH | {"If-Match": "*"}, "{}"),
    ("", PATCH | MINIMAL | {"If-Match": "*"}, "{}"),
    ("", PATCH, "{}"),
    ("", JSON | {"If-Match": '"old"'}, "{}"),
    ("", JSON | MINIMAL, GOOD),
    ("", JSON | {"Accept": "application/json"}, GOOD),
    ("", HTML, ""),
)
BODIES: dict[str, dict[str, Any]] = {
    # by where a path begins
    "posts": {"title": "News", "body": "Cats *sleep*."},
    "todos": {"title": "Feed them"},
}


def _every_way(cafe: Cafe) -> None:
    """Call every operation in every way, and in some ways for what is not there and by others."""
    browser = Browser(cafe)
    for path, item in cafe.public.get("/openapi.json").json["paths"].items():
        noun = path.split("/")[1].removesuffix("s") + "s"
        there = path.format(**_furnished(cafe, noun))
        for verb in (verb for verb in ("get", "post", "put", "patch", "delete") if verb in item):
            owner, member, good = (
                cafe.caller("owner", "sweeper"),
                cafe.caller("member"),
                json.dumps(BODIES.get(noun, {})),
            )
            for who in (cafe.public, member, browser):
                who.send(verb, there)
            for query, headers, body in WAYS:
                owner.send(verb, there + query, headers, data=good if body == GOOD else body)
            gone = path.format(slug="none", name=f"no {verb}", id="999", pie=f"no {verb}", username=f"no {verb}")
            how = {"headers": PATCH if verb == "patch" else JSON, "data": good}
            for who in (member, owner) if gone != path else ():
                who.send(verb, gone, **how)


def _furnished(cafe: Cafe, noun: str) -> dict[str, str]:
    """Return the variables of a path that leads to something which is there."""
    owner: Caller = cafe.caller("owner", "sweeper")
    owner.put("/cats/kit", {}), owner.put("/pies/cherry", {}), owner.put("/users/guest", {})
    new = owner.post(f"/{noun}", BODIES[noun]).json["id"] if noun in BODIES else "x"
    return {"slug": "invalid", "name": "kit", "pie": "cherry", "username": "guest", "id": str(new)}
