"""Send requests for every documented status of every operation, and record the responses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from api.domain.photos import MAX_UPLOADS
from api.store.table import Table
from tests.api.contract.test_errors import error_responses
from tests.conftest import new_table
from tests.support.app import PATCH, Client, TestApp
from tests.support.failing_tables import BrokenTable, UnavailableTable, replace_table
from tests.support.inspection import template_of
from tests.support.photos import add_photo
from tests.support.resource_specs import CATS, RESOURCE_SPECS
from tests.support.traffic import MINIMAL, Browser, generate_traffic

HTML = {"Accept": "text/html, text/plain, application/atom+xml, image/svg+xml, image/webp, */*;q=0.1"}
JSON = {"Content-Type": "application/json"}
METHODS = ("get", "post", "put", "patch", "delete")
TOO_LARGE = "x" * 300_000


@dataclass(frozen=True)
class RecordedResponse:
    """A response and the operation that returned it."""

    method: str
    path: str
    """The path as in the OpenAPI document: ``/cats/{name}``."""
    status: int
    media: str | None
    body: bytes
    headers: dict[str, str]
    query: frozenset[str] = frozenset()
    """The names of the query parameters of the request."""

    def json(self) -> Any:
        """Return the parsed body."""
        return json.loads(self.body)


@contextmanager
def recording(cafe: TestApp) -> Iterator[list[RecordedResponse]]:
    """Record the responses of all operations during the block."""
    recorded: list[RecordedResponse] = []

    def record(response: Response) -> Response:
        if (
            request.url_rule is not None
            and request.method not in ("HEAD", "OPTIONS")
            and not response.direct_passthrough
        ):
            path = template_of(request.url_rule.rule)
            body, headers = response.get_data(), dict(response.headers)
            recorded.append(
                RecordedResponse(
                    request.method.lower(),
                    path,
                    response.status_code,
                    response.mimetype,
                    body,
                    headers,
                    query=frozenset(request.args),
                )
            )
        return response

    # Flask calls the first function last, when the response is complete.
    cafe.app.after_request_funcs.setdefault(None, []).insert(0, record)
    yield recorded
    cafe.app.after_request_funcs[None].remove(record)


def record_responses(cafe: TestApp) -> list[RecordedResponse]:
    """Send valid and invalid requests to every operation and return the responses."""
    with recording(cafe) as recorded:
        for responses in error_responses(cafe, CATS).values():
            assert responses
        generate_traffic(cafe)
        _send_replays(cafe)
        cafe.staff.post("/cats", {}, content_encoding="br")
    recorded += _record_variants()
    return recorded + [each for table in (BrokenTable, UnavailableTable) for each in _record_failures(cafe, table)]


def _record_variants() -> list[RecordedResponse]:
    """Send the variants to an application of their own: calls of moto take longer with each item of the table."""
    with new_table() as table, recording(cafe := TestApp(table)) as recorded:
        _send_variants(cafe)
        _send_photos(cafe)
    return recorded


def _record_failures(cafe: TestApp, kind: type[Table]) -> list[RecordedResponse]:
    """Send a request to every operation while every call to the database fails."""
    paths = cafe.public.get("/openapi.json").json["paths"]
    failing = TestApp(replace_table(cafe.table, kind), log_level="CRITICAL")
    with recording(failing) as recorded:
        for path, item in paths.items():
            for method in (method for method in METHODS if method in item):
                url = path.replace("{version}", "1").replace("{width}", "1").replace("{", "").replace("}", "")
                failing.public.send(method, url, {"Authorization": "Bearer x"})
    return recorded


VALID = "a valid body"
"""Placeholder for a valid body of the operation."""
VARIANTS: tuple[tuple[str, dict[str, str], str], ...] = (
    # query, headers and body. The last variant may delete the item.
    ("", {"Accept": "image/png"}, ""),
    ("", {"Accept": "text/plain"}, ""),
    ("", {"Accept": "application/vnd.oai.openapi+json"}, ""),
    ("", {"Authorization": "x"}, ""),
    ("?wings=2", HTML, ""),
    ("", HTML | {"If-None-Match": "a tag without quotation marks"}, ""),
    ("", HTML | {"If-None-Match": "*"}, ""),
    ("", HTML | {"If-Match": '"old"'}, ""),
    ("", {"Content-Type": "text/csv"}, "a,b"),
    ("", JSON, TOO_LARGE),
    ("", JSON, "{"),
    ("", JSON, '{"wings": 2}'),
    ("", PATCH, TOO_LARGE),
    ("", PATCH | {"If-Match": "*"}, "{"),
    ("", PATCH | {"If-Match": "*"}, '{"wings": 2}'),
    ("", PATCH | {"If-Match": '"old"'}, "{}"),
    ("", PATCH | {"If-Match": "*"}, "{}"),
    ("", PATCH | MINIMAL | {"If-Match": "*"}, "{}"),
    ("", PATCH, "{}"),
    ("", JSON | {"If-Match": '"old"'}, "{}"),
    ("", JSON | MINIMAL, VALID),
    ("", JSON | {"Accept": "application/json"}, VALID),
    ("", HTML, ""),
)
BODIES: dict[str, dict[str, Any]] = {
    # by collection; other collections accept an empty object
    "posts": {"title": "News", "body": "Cats *sleep*."},
    "todos": {"title": "Feed them"},
}


def _send_variants(cafe: TestApp) -> None:
    """Send all variants to every operation, as an owner. Send some also as other users and to missing items."""
    browser = Browser(cafe)
    for path, item in cafe.public.get("/openapi.json").json["paths"].items():
        collection = path.split("/")[1].removesuffix("s") + "s"
        existing = _existing(cafe, path, _create_items(cafe, collection))
        for method in (method for method in METHODS if method in item):
            owner, member = cafe.client("owner", "sweeper"), cafe.client("member")
            valid = json.dumps(BODIES.get(collection, {}))
            for client in (cafe.public, member, browser):
                client.send(method, existing)
            for query, headers, body in VARIANTS:
                owner.send(method, existing + query, headers, data=valid if body == VALID else body)
            name = f"no {method}"
            names = {
                "slug": "none",
                "name": name,
                "id": "999",
                "pie": name,
                "username": name,
                "photo": name,
                "width": 320,
            }
            missing = path.format(**names, version=999, at="1999-01-01T00:00:00Z")
            for client in (member, owner) if missing != path else ():
                client.send(method, missing, headers=PATCH if method == "patch" else JSON, data=valid)


def _existing(cafe: TestApp, path: str, variables: dict[str, str]) -> str:
    """Return the URL of an existing item. A photo is added to the entity of the URL."""
    entity, _, rest = path.partition("/photos/")
    if rest:
        variable = "photo" if "{photo}" in rest else "id"
        photo = add_photo(cafe, entity.format(**variables))
        return f"{entity.format(**variables)}/photos/{rest.format(**{variable: photo, 'width': 200})}"
    return path.format(**variables)


def _send_photos(cafe: TestApp) -> None:
    """Send requests for photos that the state of the entity does not allow."""
    owner: Client = cafe.client("owner", "sweeper")
    post = owner.post("/posts", BODIES["posts"]).json["id"]
    for path in ("/cats/many", "/pies/many", f"/posts/{post}", "/site"):
        if path.endswith("/many"):
            owner.put(path, {})
        body = {"alt": "A cat sleeps.", "type": "image/jpeg"}
        uploads = [owner.post(f"{path}/photos", body, idempotency_key=path) for _ in range(2)]
        uploads += [owner.post(f"{path}/photos", body) for _ in range(MAX_UPLOADS)]
        assert [response.status_code for response in uploads] == [201] * (MAX_UPLOADS + 1) + [409]
        change = owner.patch(f"{path}/photos/{uploads[0].json['id']}", {"alt": "A cat."}, if_match="*")
        assert change.status_code == 409


def _send_replays(cafe: TestApp) -> None:
    """Send every POST that takes an Idempotency-Key twice."""
    bodies = [(spec.writer_client(cafe), spec.path, spec.post_body("replayed", **spec.body)) for spec in RESOURCE_SPECS]
    for client, path, body in [*bodies, (cafe.staff, "/cats/replayed/weights", {"grams": 4000})]:
        for _ in range(2):
            assert client.post(path, body, idempotency_key=path).status_code == 201


def _create_items(cafe: TestApp, collection: str) -> dict[str, str]:
    """Create an item of each collection and return the path variables that lead to them."""
    owner: Client = cafe.client("owner", "sweeper")
    owner.put("/cats/kit", {}), owner.put("/pies/cherry", {}), owner.put("/users/ann", {})
    new = owner.post(f"/{collection}", BODIES[collection]).json["id"] if collection in BODIES else "x"
    names = {"slug": "invalid", "name": "kit", "pie": "cherry", "username": "ann", "id": str(new)}
    return names | {"version": "1", "at": "2026-11-22T12:00:00Z"}
