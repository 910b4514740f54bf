"""The operations of the cat API. They do not depend on the framework."""

from __future__ import annotations

import json
import os
import secrets
from datetime import UTC, datetime
from typing import Any

import cats
import store
from cats import Cat, RequestError

CURSOR_KEY = os.environ["CURSOR_KEY"]
ANONYMOUS = {"uid": "", "role": "public"}


def authenticate(authorization: str | None) -> dict[str, str]:
    """Return the session of a bearer token, or the anonymous session without a token."""
    if not authorization:
        return ANONYMOUS
    session_id = cats.session_id(CURSOR_KEY, authorization.removeprefix("Bearer "))
    item = store.get_item("sessions", session_id, True)
    session: dict[str, str] = json.loads(item["doc"]) if item else {}
    if not session or datetime.fromisoformat(session["expires"]) <= datetime.now(UTC):
        raise RequestError(401, "The token is unknown or has expired.")
    return session


def get_cat(name: str, authorization: str | None) -> tuple[Cat, str]:
    """Return the view of a cat that the caller may read, and its entity tag."""
    staff = authenticate(authorization)["role"] in ("staff", "owner")
    item = store.get_item("cats", name, staff)
    cat = json.loads(item["doc"]) if item else {}
    if item is None or not (staff or cats.is_public(cat)):
        raise RequestError(404, "The cat does not exist.")
    return cats.view(cat, staff), f'"{item["rev"]}"'


def list_cats(limit: int) -> dict[str, Any]:
    """Return the first page of the public cats. The benchmark does not follow ``next``."""
    if not 1 <= limit <= 100:
        raise RequestError(400, "limit must be 1 to 100.")
    items = store.list_cats("cats#public", limit + 1)
    page: dict[str, Any] = {"items": [cats.view(json.loads(item["doc"]), False) for item in items[:limit]]}
    if len(items) > limit:
        cursor = cats.sign_cursor(CURSOR_KEY, "/cats", items[limit - 1]["by_name"])
        page["next"] = f"/cats?limit={limit}&cursor={cursor}"
    return page


def put_cat(name: str, body: Cat, if_match: str | None, authorization: str | None) -> tuple[Cat, str]:
    """Replace a cat and return the next version with its entity tag. With If-Match, the version must match."""
    by = authenticate(authorization)["uid"]
    if (body.pop("name", None) or name) != name:
        raise RequestError(422, "The name in the body must be that in the URL.")
    item = store.get_item("cats", name, True)
    if item is None:
        raise RequestError(404, "The cat does not exist.")
    if if_match is not None and if_match != f'"{item["rev"]}"':
        raise RequestError(412, "The cat has been changed since this version.")
    before = json.loads(item["doc"])
    after, rev = cats.next_version(before, body), secrets.token_urlsafe(12)
    if not store.replace_cat(*cats.items_to_write(before, after, rev, by), item["rev"]):
        raise RequestError(412, "The cat has been changed since this version.")
    return cats.view(after, True), f'"{rev}"'
