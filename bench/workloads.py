"""The requests of the benchmark, as events of an HTTP API or of a REST API."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

RECORDED = Path(__file__).parent.parent / "tests" / "support" / "event.json"
READ_CAT, UPDATED_CAT = "luna", "zelda"
"""The updated cat is on no page that the benchmark reads."""
EXTRA_CATS = ("alba", "basil", "cosmo", "dot", "echo", "fern", "gus", "hugo", "iris", "jazz")
"""Cats in addition to the sample data, so that the first page has twenty."""

Event = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """A request of the benchmark.

    Args:
        key: the key in the measurements.
        title: the title in the report.
        method, path, query: the parts of the request line.
        requests: the number of requests in one measurement.
        clowder_login: whether Clowder's request has a session token.
        peer_login: whether the peers' requests have a session token.
        changes: whether the request changes the cat. It then has an If-Match header.
        ignored: the members of the response that are not compared.
    """

    key: str
    title: str
    method: str
    path: str
    requests: int
    query: str = ""
    clowder_login: bool = False
    peer_login: bool = False
    changes: bool = False
    ignored: tuple[str, ...] = ()


CHANGING_FIELDS = ("version", "updated", "staffNotes")
"""The members that differ in each response to a PUT."""
GET = Workload("get", "GET of a cat", "GET", f"/cats/{READ_CAT}", 200)
LIST = Workload("list", "list of 20 cats", "GET", "/cats", 100, query="limit=20")
PUT = Workload(
    "put", "PUT of a cat", "PUT", f"/cats/{UPDATED_CAT}", 100, clowder_login=True, changes=True, ignored=CHANGING_FIELDS
)
LOGIN = Workload("login", "GET with a login", "GET", f"/cats/{READ_CAT}", 200, clowder_login=True, peer_login=True)
WORKLOADS = (GET, LIST, PUT, LOGIN)


def make_event(work: Workload, api_type: str, token: str, clowder: bool) -> Event:
    """Return the event of a workload.

    Args:
        work: the workload.
        api_type: the type of the API in front of the handler, "http" or "rest".
        token: a session token.
        clowder: whether the handler is Clowder's.
    """
    has_token = work.clowder_login if clowder else work.peer_login
    headers = {"authorization": f"Bearer {token}"} if has_token else {}
    body = json.dumps(cat_body()) if work.changes else None
    return {"http": _http, "rest": _rest}[api_type](work.method, work, headers, body)


def make_read_event(work: Workload, api_type: str, token: str) -> Event | None:
    """Return the event that reads the cat before a change; None if the workload changes nothing.

    It has a token, because the tag of Clowder's public view is not valid for a write.
    """
    headers = {"authorization": f"Bearer {token}"}
    return {"http": _http, "rest": _rest}[api_type]("GET", work, headers, None) if work.changes else None


def _http(method: str, work: Workload, headers: dict[str, str], body: str | None) -> Event:
    """Return an event of an HTTP API (payload 2.0)."""
    event: Event = json.loads(RECORDED.read_text(encoding="utf-8"))
    event["headers"] |= _headers(headers, body)
    event |= {"rawPath": work.path, "rawQueryString": work.query}
    event["requestContext"]["http"] |= {"method": method, "path": work.path}
    if work.query:
        event["queryStringParameters"] = dict(parse_qsl(work.query))
    return event | ({"body": body} if body else {})


def _rest(method: str, work: Workload, headers: dict[str, str], body: str | None) -> Event:
    """Return an event of a REST API (payload 1.0)."""
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    headers = recorded["headers"] | _headers(headers, body)
    query, name = dict(parse_qsl(work.query)), work.path.removeprefix("/cats").strip("/")
    resource = "/cats/{name}" if name else "/cats"
    context = {key: recorded["requestContext"][key] for key in ("accountId", "apiId", "domainName", "requestId")}
    return {
        "resource": resource,
        "path": work.path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {key: [value] for key, value in headers.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {key: [value] for key, value in query.items()} or None,
        "pathParameters": {"name": name} if name else None,
        "stageVariables": None,
        "requestContext": context | {"resourcePath": resource, "httpMethod": method, "path": work.path, "stage": "api"},
        "body": body,
        "isBase64Encoded": False,
    }


def _headers(headers: dict[str, str], body: str | None) -> dict[str, str]:
    """Add the headers of a body."""
    if not body:
        return headers
    return headers | {"content-type": "application/json", "content-length": str(len(body.encode()))}


def cat_body(chip: int = 0) -> dict[str, Any]:
    """Return the body of an adoptable cat with all fields. No two cats have the same chip.

    A vaccination has all its members: the floor stores them as they are, and the others read them.
    """
    today = datetime.now(UTC).date()

    def day(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    vaccination = {"type": "tricat", "dueOn": None, "givenOn": day(-140), "expiresOn": day(225), "batch": "L19-1"}
    return {
        "sex": "female", "birthDate": day(-1180), "birthDateExact": True,
        "breed": {"primary": "domestic shorthair", "mixed": True}, "colors": {"primary": "black", "secondary": "white"},
        "pattern": "tuxedo", "coat": "short", "altered": "yes", "alteredOn": day(-900),
        "microchips": [{"number": f"2760981000{chip:05}", "implantedOn": day(-900)}],
        "fiv": "negative", "felv": "negative", "testedOn": day(-902),
        "vaccinations": [vaccination, vaccination | {"type": "rabies"}],
        "goodWith": {"cats": "yes", "dogs": "unknown", "children": "over5"}, "status": "available",
        "specialNeeds": {"has": True, "diet": "No fish."},
        "location": {"area": "café", "unit": "window bench", "onFloor": True},
        "adoptionFee": {"amount": 18000, "currency": "GBP"}, "staffNotes": "Steals whipped cream.",
        "description": "Greets everybody at the door and sleeps on the cash register.",
    }  # fmt: skip
