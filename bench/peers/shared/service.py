"""What a peer does for a request when its framework has read it: the same calls to the table as Clowder makes."""

from __future__ import annotations

import json
import os
import secrets
from datetime import UTC, datetime
from typing import Any

import cafe
import store
from cafe import Cat, Refused

CURSOR_KEY = os.environ["CURSOR_KEY"]
NOBODY = {"username": "nobody", "role": "public"}


def who_calls(authorization: str | None) -> dict[str, str]:
    """Return the session of a bearer token; without a token, nobody's."""
    if not authorization:
        return NOBODY
    item = store.read("sessions", cafe.token_id(authorization.removeprefix("Bearer ")), True)
    session: dict[str, str] = json.loads(item["doc"]) if item else {}
    if not session or datetime.fromisoformat(session["expires"]) <= datetime.now(UTC):
        raise Refused(401, "The token is unknown or has expired.")
    return session


def get_cat(name: str, authorization: str | None) -> tuple[Cat, str]:
    """Return a cat as the caller may see her, with her tag."""
    staff = who_calls(authorization)["role"] in ("staff", "owner")
    item = store.read("cats", name, staff)
    cat = json.loads(item["doc"]) if item else {}
    if item is None or not (staff or cafe.is_public(cat)):
        raise Refused(404, "There is no such cat.")
    return cafe.view(cat, staff), f'"{item["rev"]}"'


def list_cats(limit: int) -> dict[str, Any]:
    """Return the first page of the public cats; what ``next`` leads to is not asked for here."""
    if not 1 <= limit <= 100:
        raise Refused(400, "limit is 1 to 100.")
    found = store.list_cats("cats#public", limit + 1)
    page: dict[str, Any] = {"items": [cafe.view(json.loads(item["doc"]), False) for item in found[:limit]]}
    if len(found) > limit:
        page["next"] = f"/cats?limit={limit}&cursor={cafe.cursor(CURSOR_KEY, '/cats', found[limit - 1]['by_name'])}"
    return page


def put_cat(name: str, body: Cat, if_match: str | None, authorization: str | None) -> tuple[Cat, str]:
    """Replace the version of a cat that the caller knows, and return the next one with its tag."""
    by = who_calls(authorization)["username"]
    if (body.pop("name", None) or name) != name:
        raise Refused(422, "The name in the body is not that in the URL.")
    item = store.read("cats", name, True)
    if item is None:
        raise Refused(404, "There is no such cat.")
    if if_match is not None and if_match != f'"{item["rev"]}"':
        raise Refused(412, "There is another version by now.")
    before = json.loads(item["doc"])
    after, rev = cafe.revised(before, body), secrets.token_urlsafe(12)
    if not store.write(*cafe.items(before, after, rev, by), item["rev"]):
        raise Refused(412, "There is another version by now.")
    return cafe.view(after, True), f'"{rev}"'
