"""What everybody is asked, and how the request reaches them: as an HTTP API sends it, or as a REST API does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

RECORDED = Path(__file__).parent.parent / "tests" / "support" / "event.json"
CAT, CHANGED = "luna", "zelda"
"""Who is read; who is changed, and so stands on no page that is read."""
GUESTS = ("alba", "basil", "cosmo", "dot", "echo", "fern", "gus", "hugo", "iris", "jazz")
"""Cats besides those of the sample, so that the first page has twenty."""

Event = dict[str, Any]


@dataclass(frozen=True)
class Workload:
    """One request.

    Args:
        key: its name in what is measured.
        title: its name for people.
        method, path, query: its line.
        requests: how many make one measurement, in a row.
        login: who sends the token of a session: everybody, Clowder alone, or nobody.
        changes: whether it is a change, which names the version that it is made for.
        ignored: members of the answer that are not compared.
    """

    key: str
    title: str
    method: str
    path: str
    requests: int
    query: str = ""
    login: frozenset[bool] = field(default=frozenset())
    changes: bool = False
    ignored: tuple[str, ...] = ()


PEERS, CLOWDER = False, True
CHANGING = ("version", "updated")
GET = Workload("get", "GET of a cat", "GET", f"/cats/{CAT}", 200)
LIST = Workload("list", "list of 20 cats", "GET", "/cats", 100, query="limit=20")
PUT = Workload(
    "put", "PUT of a cat", "PUT", f"/cats/{CHANGED}", 100, login=frozenset({CLOWDER}), changes=True, ignored=CHANGING
)
LOGIN = Workload("login", "GET with a login", "GET", f"/cats/{CAT}", 200, login=frozenset({PEERS, CLOWDER}))
WORKLOADS = (GET, LIST, PUT, LOGIN)


def event(work: Workload, form: str, token: str, clowder: bool) -> Event:
    """Return the request of a workload as it reaches a handler.

    Args:
        work: what is asked.
        form: "http" or "rest", the kind of API before the handler.
        token: a session's.
        clowder: whether the handler is Clowder's.
    """
    headers = {"authorization": f"Bearer {token}"} if clowder in work.login else {}
    body = json.dumps(cat()) if work.changes else None
    return {"http": _http, "rest": _rest}[form](work.method, work, headers, body)


def first(work: Workload, form: str) -> Event | None:
    """Return the request by which a client learns the version that it changes; None where nothing is changed."""
    return {"http": _http, "rest": _rest}[form]("GET", work, {}, None) if work.changes else None


def _http(method: str, work: Workload, headers: dict[str, str], body: str | None) -> Event:
    """Return an event of an HTTP API (payload 2.0)."""
    made: Event = json.loads(RECORDED.read_text(encoding="utf-8"))
    made["headers"] |= _headers(headers, body)
    made |= {"rawPath": work.path, "rawQueryString": work.query}
    made["requestContext"]["http"] |= {"method": method, "path": work.path}
    if work.query:
        made["queryStringParameters"] = dict(parse_qsl(work.query))
    return made | ({"body": body} if body else {})


def _rest(method: str, work: Workload, headers: dict[str, str], body: str | None) -> Event:
    """Return the same as an event of a REST API (payload 1.0)."""
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    sent = recorded["headers"] | _headers(headers, body)
    query, name = dict(parse_qsl(work.query)), work.path.removeprefix("/cats").strip("/")
    resource = "/cats/{name}" if name else "/cats"
    context = {key: recorded["requestContext"][key] for key in ("accountId", "apiId", "domainName", "requestId")}
    return {
        "resource": resource,
        "path": work.path,
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {key: [value] for key, value in sent.items()},
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {key: [value] for key, value in query.items()} or None,
        "pathParameters": {"name": name} if name else None,
        "stageVariables": None,
        "requestContext": context | {"resourcePath": resource, "httpMethod": method, "path": work.path, "stage": "api"},
        "body": body,
        "isBase64Encoded": False,
    }


def _headers(more: dict[str, str], body: str | None) -> dict[str, str]:
    sent = {"content-type": "application/json", "content-length": str(len(body.encode()))} if body else {}
    return more | sent


def cat() -> dict[str, Any]:
    """Return the body of a cat of whom everything is told, and who may go home with somebody."""
    today = datetime.now(UTC).date()

    def day(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    shot = {"type": "tricat", "givenOn": day(-140), "expiresOn": day(225), "batch": "L19-1"}
    return {
        "sex": "female", "birthDate": day(-1180), "birthDateExact": True,
        "breed": {"primary": "domestic shorthair", "mixed": True}, "colors": {"primary": "black", "secondary": "white"},
        "pattern": "tuxedo", "coat": "short", "altered": "yes", "alteredOn": day(-900),
        "microchips": [{"number": "276098106234567", "implantedOn": day(-900)}],
        "fiv": "negative", "felv": "negative", "testedOn": day(-902), "vaccinations": [shot, shot | {"type": "rabies"}],
        "goodWith": {"cats": "yes", "dogs": "unknown", "children": "over5"}, "status": "available",
        "specialNeeds": {"has": True, "diet": "No fish."},
        "location": {"area": "café", "unit": "window bench", "onFloor": True},
        "adoptionFee": {"amount": 18000, "currency": "GBP"}, "staffNotes": "Steals whipped cream.",
        "description": "Greets everybody at the door and sleeps on the cash register.",
    }  # fmt: skip
