"""The requests that measure each access pattern of ``api/store/keys.py``, with their expected capacity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.store.keys import INDEXES
from tests.support.app import NOON
from tests.support.cost_requests import (
    DAILY,
    LUNA,
    PIE,
    PILL,
    POST,
    SHOP,
    WEIGHT,
    Prepare,
    log_in,
    log_out,
    read_version,
    read_weights_after_deletion,
    redact,
    request,
    request_for_user,
    with_token,
)
from tests.support.users import PASSWORD

OPERATIONS = {"G": "GetItem", "B": "BatchGetItem", "Q": "Query", "T": "TransactWriteItems", "U": "UpdateItem"}


@dataclass(frozen=True)
class AccessPattern:
    """A request with its expected calls and capacity units."""

    pattern: str
    """The name of the access pattern in the docstring of ``keys``."""
    send: Prepare
    calls: str
    """The DynamoDB operations in order, each as its letter in ``OPERATIONS``."""
    read: float
    written: float = 0.0
    indexes: Mapping[str, float] = field(default_factory=dict)


def _times(units: float, *names: str) -> dict[str, float]:
    return dict.fromkeys(names, units)


ALL = _times(1, *(name for name in INDEXES if name)) | _times(2, "filter1-by_time") | _times(3, "list-by_date")
"""A write of a cat updates all indexes. The history entry is in one of them, by its author. The change record moves
in another."""
CARD = ALL | _times(3, "filter1-by_time")
NEW = CARD | _times(2, "list-by_date")
MOVED = _times(2, *ALL) | _times(4, "filter1-by_time", "list-by_date")
"""The cat moves to another partition of each index, and its care card is deleted."""
BY_NAME, BY_TIME, BY_DUE = (_times(1, f"list-by_{order}") for order in ("name", "time", "date"))
NEW_CHANGE, CHANGE = _times(1, "list-by_date"), _times(2, "list-by_date")
TODO = BY_TIME | {"list-by_date": 3.0, "filter1-by_time": 1.0}
DOSE = TODO | {"filter2-by_time": 1.0}
DONE = TODO | {"list-by_date": 4.0}
AGAIN = {"list-by_date": 6.0, "list-by_time": 2.0, "filter1-by_time": 2.0, "filter2-by_time": 2.0}

GET_PUBLIC, GET_WITH_TOKEN = "GET one entity, public", "GET one entity, with a token"
LIST_PUBLIC, LIST_WITH_TOKEN = "list, public, n entities on the page", "list of other entities, with a token"
AUTHORS, HISTORY = "author names: posts, to-dos, these pages", "history, a page; the version at a time"
CREATE_CAT, UPDATE_CAT, UPDATE_CARD = "create a cat", "update a cat", "update a field of the care card"
VERSION = "a version by its number"
DELETE_ENTITY, UPLOAD = "delete a pie or a post", {"alt": "Luna sleeps.", "type": "image/jpeg"}
WITHOUT_HISTORY, CREATE_TODO = "create or update without history", "create a to-do"
IDEMPOTENCY_KEY = "create with an Idempotency-Key"
CHANGE_ROLE, DELETE_USER, SESSIONS = "change a role", "delete a user", "sessions that this changes or ends"
PASSWORDS, NEW_PASSWORD = "new password; with the current one", {"password": "a better one by far"}
NEXT_TODOS, LINKS = "next to-dos", "cats, blockers and assignees of these"
BOB = {"username": "bob", "password": "correct horse battery"}
WITH_CHIP: tuple[str, dict[str, Any]] = ("/cats", {"name": "chip", "microchips": [{"number": "9876543210"}]})
CHANGED, CHANGES = f"/cats?updatedSince={NOON:%Y-%m-%dT%H:%M:%SZ}", "changes, n records on the page"
IF_MATCH, MEMBER = {"if_match": "*"}, {"role": "member"}

READS = {
    "health": AccessPattern("authenticate (token or cookie)", request("get", "/health"), "B", 1),
    "a cat, public": AccessPattern(GET_PUBLIC, request("get", "/cats/luna", role="public"), "G", 0.5),
    "a portrait, public": AccessPattern(GET_PUBLIC, request("get", "/cats/luna/portrait.svg", role="public"), "G", 0.5),
    "a portrait": AccessPattern(GET_WITH_TOKEN, request("get", "/cats/luna/portrait.svg"), "B", 2),
    "a missing cat, public": AccessPattern(GET_PUBLIC, request("get", "/cats/missing", role="public"), "G", 0.5),
    "a pie, public": AccessPattern(GET_PUBLIC, request("get", "{}", role="public", first=PIE), "G", 0.5),
    "a post, public": AccessPattern(AUTHORS, request("get", "{}", role="public", first=POST), "GB", 1),
    "a cat": AccessPattern(GET_WITH_TOKEN, request("get", "/cats/luna"), "B", 2),
    "photos": AccessPattern("photos of an entity, with its uploads", request("get", "/cats/luna/photos"), "B", 3),
    "photos, public": AccessPattern(GET_PUBLIC, request("get", "/cats/luna/photos", role="public"), "G", 0.5),
    "a pie": AccessPattern(GET_WITH_TOKEN, request("get", "{}", first=PIE), "B", 2),
    "own profile": AccessPattern(GET_WITH_TOKEN, request_for_user("get", 1, own=True), "B", 2),
    "another user": AccessPattern(GET_WITH_TOKEN, request_for_user("get", 0), "B", 2),
    "a to-do": AccessPattern(AUTHORS, request("get", "{}", first=PILL), "BB", 2.5),
    "cats, public": AccessPattern(LIST_PUBLIC, request("get", "/cats", role="public"), "Q", 0.5),
    "pies, public": AccessPattern(LIST_PUBLIC, request("get", "/pies", role="public", first=PIE), "Q", 0.5),
    "cats": AccessPattern("list of cats, staff", request("get", "/cats"), "BQQ", 2),
    "pies": AccessPattern(LIST_WITH_TOKEN, request("get", "/pies", first=PIE), "BQ", 1.5),
    "users": AccessPattern(LIST_WITH_TOKEN, request("get", "/users", role="owner"), "BQ", 1.5),
    "posts": AccessPattern(AUTHORS, request("get", "/posts", first=POST), "BQB", 2),
    "posts, public": AccessPattern(AUTHORS, request("get", "/posts", role="public", first=POST), "QB", 1),
    "changes of cats, public": AccessPattern(CHANGES, request("get", CHANGED, role="public"), "QB", 2),
    "changes of cats": AccessPattern(CHANGES, request("get", CHANGED), "BQQB", 3.5),
    "feed": AccessPattern(AUTHORS, request("get", "/posts.atom", role="public", first=POST), "QBG", 1.5),
    "to-dos": AccessPattern(AUTHORS, request("get", "/todos", first=PILL), "BQB", 2),
    "history": AccessPattern(AUTHORS, request("get", "/cats/luna/history"), "BQB", 2),
    "version at a time": AccessPattern(HISTORY, request("get", "/cats/luna/as-of/2099-01-01T00:00:00Z"), "BQ", 1.5),
    "the last version": AccessPattern(VERSION, request("get", "/cats/luna/history/1"), "BQ", 1.5),
    "an earlier version": AccessPattern(VERSION, read_version, "BQQ", 2),
    "no weights": AccessPattern("weights, a page", request("get", "/cats/luna/weights"), "BQ", 2.5),
    "weights of a deleted cat": AccessPattern("weights of a deleted cat", read_weights_after_deletion, "BQQ", 3),
    "weights": AccessPattern(AUTHORS, request("get", "/cats/luna/weights", first=WEIGHT), "BQB", 3),
    "no next to-do": AccessPattern(NEXT_TODOS, request("get", "/todos/next"), "BQQ", 2),
    "next to-dos": AccessPattern(LINKS, request("get", "/todos/next", first=PILL), "BQQBB", 3),
}
CATS = {
    "create with PUT": AccessPattern(CREATE_CAT, request("put", "/cats/nori", LUNA), "BT", 2, 8, NEW),
    "create with POST": AccessPattern(CREATE_CAT, request("post", "/cats", LUNA | {"name": "nori"}), "BGT", 2, 8, NEW),
    "delete": AccessPattern("delete a cat", request("delete", "/cats/milo"), "BT", 2, 10, CARD),
    "begin an upload": AccessPattern("begin an upload", request("post", "/cats/luna/photos", UPLOAD), "BT", 3, 4),
    "replace": AccessPattern(UPDATE_CAT, request("put", "/cats/luna", LUNA | {"sex": "male"}), "BT", 2, 6, ALL),
    "patch": AccessPattern(UPDATE_CAT, request("patch", "/cats/luna", {"sex": "male"}, **IF_MATCH), "BT", 2, 6, ALL),
    "change the status": AccessPattern(
        UPDATE_CAT,
        request("put", "/cats/luna", LUNA | {"status": "reserved"}),
        "BT",
        2,
        6,
        ALL | _times(2, "filter1-by_name") | _times(3, "filter1-by_time"),
    ),
    "adopt": AccessPattern(UPDATE_CARD, request("put", "/cats/luna", LUNA | {"status": "adopted"}), "BGT", 3, 8, MOVED),
    "remove the vaccinations": AccessPattern(
        UPDATE_CARD, request("put", "/cats/luna", LUNA | {"vaccinations": []}), "BGT", 3, 8, CARD
    ),
    "change the birth date": AccessPattern(
        "update the birth date of a weighed cat",
        request(
            "patch", "/cats/milo", {"birthDate": "2022-02-02"}, first=("/cats/milo/weights", WEIGHT[1]), **IF_MATCH
        ),
        "BGQT",
        4,
        8,
        CARD | _times(4, "list-by_date"),
    ),
    "create with an Idempotency-Key": AccessPattern(
        IDEMPOTENCY_KEY, request("post", "/cats", {"name": "nori"}, idempotency_key="once"), "BGGT", 3, 8 + 4, NEW
    ),
    "begin a bond": AccessPattern(
        "begin or end a bond",
        request("patch", "/cats/pip", {"bondedWith": ["milo"]}, **IF_MATCH),
        "BGT",
        3,
        6 + 6,
        {name: 2 * units for name, units in ALL.items()},
    ),
    "add a weight": AccessPattern("add a weight", request("post", *WEIGHT), "BGQT", 4, 6, _times(2, "filter1-by_time")),
    "redact": AccessPattern(
        "redact a version in a history",
        redact,
        "BQGQT",
        4,
        8,
        _times(2, "filter1-by_time") | BY_TIME,
    ),
    "add a microchip": AccessPattern(
        "add or remove a microchip",
        request("patch", "/cats/milo", {"microchips": [{"number": "0123456789"}]}, **IF_MATCH),
        "BBT",
        3,
        6 + 2,
        ALL | _times(2, "list-by_date"),
    ),
    "remove a microchip": AccessPattern(
        "add or remove a microchip", request("put", "{}", {}, first=WITH_CHIP), "BBT", 3, 6 + 2, ALL
    ),
}
OTHER_ENTITIES = {
    "create a pie": AccessPattern(WITHOUT_HISTORY, request("post", *PIE), "BGT", 2, 4, BY_NAME | BY_TIME | NEW_CHANGE),
    "update a pie": AccessPattern(
        WITHOUT_HISTORY,
        request("patch", "{}", {"description": None}, first=PIE, **IF_MATCH),
        "BT",
        2,
        4,
        BY_NAME | BY_TIME | CHANGE,
    ),
    "delete a pie": AccessPattern(
        DELETE_ENTITY, request("delete", "{}", first=PIE), "BT", 2, 6, BY_NAME | BY_TIME | CHANGE
    ),
    "create a post": AccessPattern("create a post", request("post", *POST), "BUBT", 1.5, 5, BY_TIME | NEW_CHANGE),
    "create a post for later": AccessPattern(
        "publish a post later",
        request("post", "/posts", POST[1] | {"publishedAt": "2099-01-01T00:00:00Z"}),
        "BUBT",
        1.5,
        7,
        BY_TIME | CHANGE,
    ),
    "update a post": AccessPattern(
        WITHOUT_HISTORY,
        request("patch", "{}", {"title": "Old"}, first=POST, **IF_MATCH),
        "BBT",
        2.5,
        4,
        BY_TIME | CHANGE,
    ),
    "delete a post": AccessPattern(DELETE_ENTITY, request("delete", "{}", first=POST), "BT", 2, 6, BY_TIME | CHANGE),
    "create a to-do": AccessPattern(CREATE_TODO, request("post", *SHOP), "BBT", 1.5, 4, TODO | CHANGE),
    "create a to-do of a cat": AccessPattern(CREATE_TODO, request("post", *PILL), "BGBT", 2.5, 4, DOSE | CHANGE),
    "update a to-do": AccessPattern(
        WITHOUT_HISTORY, request("patch", "{}", {"priority": "high"}, first=PILL, **IF_MATCH), "BBT", 2.5, 4, DOSE
    ),
    "complete a to-do": AccessPattern(WITHOUT_HISTORY, request("post", "{}/done", first=SHOP), "BBT", 2.5, 4, DONE),
    "complete a recurring to-do": AccessPattern(
        "complete a recurring to-do", request("post", "{}/done", first=DAILY), "BBT", 2.5, 8, AGAIN
    ),
    "delete a to-do": AccessPattern(WITHOUT_HISTORY, request("delete", "{}", first=PILL), "BT", 2, 4, DOSE),
}
USERS = {
    "register": AccessPattern("register", request("post", "/users", BOB, role="public"), "UGT", 1, 5, BY_NAME),
    "update the own profile": AccessPattern(
        WITHOUT_HISTORY, request_for_user("patch", 1, {"about": "Hello."}, own=True, **IF_MATCH), "BT", 2, 2, BY_NAME
    ),
    "own profile as me": AccessPattern("own profile as /users/me", request("get", "/users/me"), "BG", 2),
    "own profile with an API token": AccessPattern("own profile as /users/me", with_token("get", "/users/me"), "B", 2),
    "a cat with an API token": AccessPattern("authenticate with an API token", with_token("get", "/cats/luna"), "B", 3),
    "first use of an API token": AccessPattern(
        "first use of an API token in an hour", with_token("get", "/cats/luna", used=False), "BU", 3, 1
    ),
    "create an API token": AccessPattern(
        "create an API token; revoke", request("post", "/tokens", {"name": "till"}), "BBT", 3, 4
    ),
    "revoke an API token": AccessPattern(
        "create an API token; revoke", request("delete", "{}", first=("/tokens", {"name": "till"})), "BGGT", 3, 2
    ),
    "log in": AccessPattern("log in", log_in(0), "BT", 5, 12),
    "log in elsewhere": AccessPattern("log in", log_in(1), "BT", 5, 12),
    "log out": AccessPattern("log out", log_out(2), "BGT", 2, 4),
    "log out everywhere": AccessPattern("log out", log_out(1), "BGT", 2, 4),
    "change a role": AccessPattern(
        CHANGE_ROLE, request_for_user("patch", 0, MEMBER, **IF_MATCH), "BBGT", 4, 8, BY_NAME
    ),
    "change a role, 5 sessions": AccessPattern(
        SESSIONS, request_for_user("patch", 5, MEMBER, **IF_MATCH), "BBGT", 4, 8 + 5 * 2 + 2, BY_NAME
    ),
    "delete a user": AccessPattern(DELETE_USER, request_for_user("delete", 0), "BBGT", 4, 12, BY_NAME | BY_TIME),
    "delete a user, 3 sessions": AccessPattern(
        SESSIONS, request_for_user("delete", 3), "BBGT", 4, 12 + 3 * 2, BY_NAME | BY_TIME
    ),
    "export a user": AccessPattern("export a user, a page", request("get", "/users/the%20staff/export"), "BQQQQB", 6),
    "reset a password, 3 sessions": AccessPattern(
        PASSWORDS, request_for_user("patch", 3, NEW_PASSWORD, **IF_MATCH), "BBTGT", 6, 6 + 6 + 3 * 2, BY_NAME
    ),
    "change the password, 3 sessions": AccessPattern(
        PASSWORDS,
        request_for_user("patch", 3, NEW_PASSWORD | {"currentPassword": PASSWORD}, own=True, **IF_MATCH),
        "BBTGT",
        8,
        6 + 6 + 4 + 2 * 2,
        BY_NAME,
    ),
}
ACCESS_PATTERNS = READS | CATS | OTHER_ENTITIES | USERS
