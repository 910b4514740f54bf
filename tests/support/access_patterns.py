"""The access patterns of ``api/store/keys.py``: how each of them is sent, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.store.keys import INDEXES
from tests.support.cost_requests import (
    DAILY,
    LUNA,
    PIE,
    PILL,
    POST,
    SHOP,
    WEIGHT,
    Prepare,
    ask_for_ada,
    log_in,
    log_out,
    request,
)

OPERATIONS = {"G": "GetItem", "B": "BatchGetItem", "Q": "Query", "T": "TransactWriteItems"}


@dataclass(frozen=True)
class AccessPattern:
    """One access pattern: what is sent, and what it costs."""

    pattern: str
    """What ``keys`` calls it."""
    send: Prepare
    calls: str
    """The operations in order, each by its letter in ``OPERATIONS``."""
    read: float
    written: float = 0.0
    indexes: Mapping[str, float] = field(default_factory=dict)


def _times(units: float, *names: str) -> dict[str, float]:
    return dict.fromkeys(names, units)


ALL = _times(1, *(name for name in INDEXES if name))
"""A cat is written to all indexes."""
CARD = ALL | _times(2, "filter1-by_time")
GONE = _times(2, *ALL) | _times(3, "filter1-by_time")
"""She goes from one shelf to another, and her card goes."""
BY_NAME, BY_TIME, BY_DUE = (_times(1, f"list-by_{order}") for order in ("name", "time", "date"))
TODO = BY_DUE | BY_TIME | {"filter1-by_time": 1.0}
DOSE = TODO | {"filter2-by_time": 1.0}
DONE = TODO | {"list-by_date": 2.0}
AGAIN = {"list-by_date": 3.0, "list-by_time": 2.0, "filter1-by_time": 2.0, "filter2-by_time": 2.0}

PUBLIC, MINE, OTHERS = "GET one entity, public", "GET one entity, with a token", "list of other entities, with a token"
SIGNED, PAST = "author names: posts, to-dos, these pages", "history, a page; the version at a time"
CREATE, CHANGE, CARE = "create or delete a cat", "update a cat", "update a field of the care card"
PLAIN, TO_DO, KEY = "create or update without history", "create a to-do", "create with an Idempotency-Key"
RIGHTS, ENDED = "change a role, delete a user", "sessions that this changes or ends"
NEXT, LINKS = "next to-dos", "cats and blockers of the next to-dos"
BOB = {"username": "bob", "password": "correct horse battery"}
ANY, MEMBER = {"if_match": "*"}, {"role": "member"}

READS = {
    "health": AccessPattern("authenticate (token or cookie)", request("get", "/health"), "B", 1),
    "a cat, public": AccessPattern(PUBLIC, request("get", "/cats/luna", role="public"), "G", 0.5),
    "nothing, public": AccessPattern(PUBLIC, request("get", "/cats/nobody", role="public"), "G", 0.5),
    "a pie, public": AccessPattern(PUBLIC, request("get", "{}", role="public", first=PIE), "G", 0.5),
    "a post, public": AccessPattern(SIGNED, request("get", "{}", role="public", first=POST), "GB", 1),
    "a cat": AccessPattern(MINE, request("get", "/cats/luna"), "B", 2),
    "a pie": AccessPattern(MINE, request("get", "{}", first=PIE), "B", 2),
    "oneself": AccessPattern(MINE, ask_for_ada("get", 1, own=True), "B", 2),
    "somebody": AccessPattern(MINE, ask_for_ada("get", 0), "B", 2),
    "a to-do": AccessPattern(SIGNED, request("get", "{}", first=PILL), "BB", 2.5),
    "cats, public": AccessPattern(
        "list, public, n entities on the page", request("get", "/cats", role="public"), "Q", 0.5
    ),
    "pies, public": AccessPattern(
        "list, public, n entities on the page", request("get", "/pies", role="public", first=PIE), "Q", 0.5
    ),
    "cats": AccessPattern("list of cats, staff", request("get", "/cats"), "BQQ", 2),
    "pies": AccessPattern(OTHERS, request("get", "/pies", first=PIE), "BQ", 1.5),
    "people": AccessPattern(OTHERS, request("get", "/users", role="owner"), "BQ", 1.5),
    "posts": AccessPattern(SIGNED, request("get", "/posts", first=POST), "BQB", 2),
    "posts, public": AccessPattern(SIGNED, request("get", "/posts", role="public", first=POST), "QB", 1),
    "the feed": AccessPattern(SIGNED, request("get", "/posts.atom", role="public", first=POST), "QB", 1),
    "to-dos": AccessPattern(SIGNED, request("get", "/todos", first=PILL), "BQB", 2),
    "history": AccessPattern(SIGNED, request("get", "/cats/luna/history"), "BQB", 2),
    "history at an instant": AccessPattern(
        PAST, request("get", "/cats/luna/history?at=2099-01-01T00:00:00Z"), "BQ", 1.5
    ),
    "no weights": AccessPattern("weights, a page", request("get", "/cats/luna/weights"), "BQ", 2.5),
    "weights": AccessPattern(SIGNED, request("get", "/cats/luna/weights", first=WEIGHT), "BQB", 3),
    "nothing to do": AccessPattern(NEXT, request("get", "/todos/next"), "BQQ", 2),
    "next": AccessPattern(LINKS, request("get", "/todos/next", first=PILL), "BQQBB", 3),
}
CATS = {
    "create with PUT": AccessPattern(CREATE, request("put", "/cats/nori", LUNA), "BT", 2, 6, CARD),
    "create with POST": AccessPattern(CREATE, request("post", "/cats", LUNA | {"name": "nori"}), "BGT", 2, 6, CARD),
    "delete": AccessPattern(CREATE, request("delete", "/cats/luna"), "BT", 2, 6, CARD),
    "replace": AccessPattern(CHANGE, request("put", "/cats/luna", LUNA | {"sex": "male"}), "BT", 2, 4, ALL),
    "patch": AccessPattern(CHANGE, request("patch", "/cats/luna", {"sex": "male"}, **ANY), "BT", 2, 4, ALL),
    "another status": AccessPattern(
        CHANGE,
        request("put", "/cats/luna", LUNA | {"status": "reserved"}),
        "BT",
        2,
        4,
        ALL | _times(2, "filter1-by_name", "filter1-by_time"),
    ),
    "adopted": AccessPattern(CARE, request("put", "/cats/luna", LUNA | {"status": "adopted"}), "BGT", 3, 6, GONE),
    "no shots": AccessPattern(CARE, request("put", "/cats/luna", LUNA | {"vaccinations": []}), "BGT", 3, 6, CARD),
    "another birth date": AccessPattern(
        "update the birth date of a weighed cat",
        request("patch", "/cats/milo", {"birthDate": "2022-02-02"}, first=("/cats/milo/weights", WEIGHT[1]), **ANY),
        "BGQT",
        4,
        6,
        CARD | _times(2, "list-by_date"),
    ),
    "create with an Idempotency-Key": AccessPattern(
        KEY, request("post", "/cats", {"name": "nori"}, idempotency_key="once"), "BGGT", 3, 6 + 4, CARD
    ),
    "a bond begins": AccessPattern(
        "begin or end a bond",
        request("patch", "/cats/pip", {"bondedWith": ["milo"]}, **ANY),
        "BGT",
        3,
        4 + 4,
        _times(2, *ALL),
    ),
    "weigh": AccessPattern("add a weight", request("post", *WEIGHT), "BGQT", 4, 6, _times(1, "filter1-by_time")),
}
OTHER_THINGS = {
    "create a pie": AccessPattern(PLAIN, request("post", *PIE), "BGT", 2, 2, BY_NAME | BY_TIME),
    "change a pie": AccessPattern(
        PLAIN, request("patch", "{}", {"description": None}, first=PIE, **ANY), "BT", 2, 2, BY_NAME | BY_TIME
    ),
    "delete a pie": AccessPattern(PLAIN, request("delete", "{}", first=PIE), "BT", 2, 2, BY_NAME | BY_TIME),
    "write a post": AccessPattern("create a post", request("post", *POST), "BGBT", 2.5, 4, BY_TIME),
    "change a post": AccessPattern(
        PLAIN, request("patch", "{}", {"title": "Old"}, first=POST, **ANY), "BBT", 2.5, 2, BY_TIME
    ),
    "delete a post": AccessPattern(PLAIN, request("delete", "{}", first=POST), "BT", 2, 2, BY_TIME),
    "note a to-do": AccessPattern(TO_DO, request("post", *SHOP), "BBT", 1.5, 2, TODO),
    "note a dose": AccessPattern(TO_DO, request("post", *PILL), "BGBT", 2.5, 2, DOSE),
    "change a to-do": AccessPattern(
        PLAIN, request("patch", "{}", {"priority": "high"}, first=PILL, **ANY), "BBT", 2.5, 2, DOSE
    ),
    "done": AccessPattern(PLAIN, request("post", "{}/done", first=SHOP), "BBT", 2.5, 2, DONE),
    "done, and due again": AccessPattern(
        "complete a recurring to-do", request("post", "{}/done", first=DAILY), "BBT", 2.5, 4, AGAIN
    ),
    "delete a to-do": AccessPattern(PLAIN, request("delete", "{}", first=PILL), "BT", 2, 2, DOSE),
}
PEOPLE = {
    "register": AccessPattern("register", request("post", "/users", BOB, role="public"), "TGT", 1, 4, BY_NAME),
    "change a profile": AccessPattern(
        PLAIN, ask_for_ada("patch", 1, {"about": "She."}, own=True, **ANY), "BT", 2, 2, BY_NAME
    ),
    "log in": AccessPattern("log in", log_in(0), "TBT", 2, 14),
    "log in elsewhere": AccessPattern("log in", log_in(1), "TBT", 2, 14),
    "log out": AccessPattern("log out", log_out(2), "BGT", 2, 4),
    "log out everywhere": AccessPattern("log out", log_out(1), "BGT", 2, 4),
    "take a role": AccessPattern(RIGHTS, ask_for_ada("patch", 0, MEMBER, **ANY), "BGGT", 4, 6, BY_NAME),
    "take a role from 5 sessions": AccessPattern(
        ENDED, ask_for_ada("patch", 5, MEMBER, **ANY), "BGGT", 4, 6 + 5 * 2, BY_NAME
    ),
    "delete somebody": AccessPattern(RIGHTS, ask_for_ada("delete", 0), "BGGT", 4, 6, BY_NAME),
    "delete somebody with 3 sessions": AccessPattern(ENDED, ask_for_ada("delete", 3), "BGGT", 4, 6 + 3 * 2, BY_NAME),
    "a new password, 3 sessions": AccessPattern(
        ENDED,
        ask_for_ada("patch", 3, {"password": "a better one by far"}, own=True, **ANY),
        "BGT",
        3,
        4 + 2 * 2,
        BY_NAME,
    ),
}
ACCESS_PATTERNS = READS | CATS | OTHER_THINGS | PEOPLE
