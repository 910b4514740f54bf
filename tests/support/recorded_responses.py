"""A walk through the whole API that gets every operation to answer in every way, and keeps what it heard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from tests.api.contract.test_errors import mishaps
from tests.support.app import PATCH, Client, TestApp
from tests.support.resource_specs import CATS
from tests.support.traffic import MINIMAL, Browser, generate_traffic

HTML = {"Accept": "text/html, text/plain, application/atom+xml, */*;q=0.1"}
JSON = {"Content-Type": "application/json"}
BIG = "x" * 300_000


@dataclass(frozen=True)
class RecordedResponse:
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
def recording(cafe: TestApp) -> Iterator[list[RecordedResponse]]:
    """Keep every answer of an operation that is given meanwhile."""
    heard: list[RecordedResponse] = []

    def keep(response: Response) -> Response:
        if (
            request.url_rule is not None
            and request.method not in ("HEAD", "OPTIONS")
            and not response.direct_passthrough
        ):
            path = request.url_rule.rule.replace("<", "{").replace(">", "}")
            body, headers = response.get_data(), dict(response.headers)
            heard.append(
                RecordedResponse(request.method.lower(), path, response.status_code, response.mimetype, body, headers)
            )
        return response

    # The first to be registered comes last: it hears what is sent.
    cafe.app.after_request_funcs.setdefault(None, []).insert(0, keep)
    yield heard
    cafe.app.after_request_funcs[None].remove(keep)


def record_responses(cafe: TestApp) -> list[RecordedResponse]:
    """Call every operation, well and badly."""
    with recording(cafe) as heard:
        for answers in mishaps(cafe, CATS).values():
            assert answers
        generate_traffic(cafe)
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


def _every_way(cafe: TestApp) -> None:
    """Call every operation in every way, and in some ways for what is not there and by others."""
    browser = Browser(cafe)
    for path, item in cafe.public.get("/openapi.json").json["paths"].items():
        collection = path.split("/")[1].removesuffix("s") + "s"
        there = path.format(**_furnished(cafe, collection))
        for verb in (verb for verb in ("get", "post", "put", "patch", "delete") if verb in item):
            owner, member, good = (
                cafe.client("owner", "sweeper"),
                cafe.client("member"),
                json.dumps(BODIES.get(collection, {})),
            )
            for who in (cafe.public, member, browser):
                who.send(verb, there)
            for query, headers, body in WAYS:
                owner.send(verb, there + query, headers, data=good if body == GOOD else body)
            gone = path.format(slug="none", name=f"no {verb}", id="999", pie=f"no {verb}", username=f"no {verb}")
            how = {"headers": PATCH if verb == "patch" else JSON, "data": good}
            for who in (member, owner) if gone != path else ():
                who.send(verb, gone, **how)


def _furnished(cafe: TestApp, collection: str) -> dict[str, str]:
    """Return the variables of a path that leads to something which is there."""
    owner: Client = cafe.client("owner", "sweeper")
    owner.put("/cats/kit", {}), owner.put("/pies/cherry", {}), owner.put("/users/guest", {})
    new = owner.post(f"/{collection}", BODIES[collection]).json["id"] if collection in BODIES else "x"
    return {"slug": "invalid", "name": "kit", "pie": "cherry", "username": "guest", "id": str(new)}
