"""The access patterns of ``api/store/keys.py``: how each of them is sent, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from api.store.keys import INDEXES
from tests.engine.asks import DAILY, LUNA, PIE, PILL, POST, SHOP, WEIGHT, Prepare, ask, log_in, log_out, of_ada

OPERATIONS = {"G": "GetItem", "B": "BatchGetItem", "Q": "Query", "U": "UpdateItem", "T": "TransactWriteItems"}


@dataclass(frozen=True)
class Line:
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
CARD = ALL | _times(2, "facet1-by_time")
GONE = _times(2, *ALL) | _times(3, "facet1-by_time")
"""She goes from one shelf to another, and her card goes."""
BY_NAME, BY_TIME, BY_DUE = (_times(1, f"shelf-by_{order}") for order in ("name", "time", "date"))
TODO = BY_DUE | BY_TIME | {"facet1-by_time": 1.0}
DOSE = TODO | {"facet2-by_time": 1.0}
DONE = TODO | {"shelf-by_date": 2.0}
AGAIN = {"shelf-by_date": 3.0, "shelf-by_time": 2.0, "facet1-by_time": 2.0, "facet2-by_time": 2.0}

PUBLIC, MINE, OTHERS = "GET one entity, public", "GET one entity, with a token", "list of anything else, with a token"
SIGNED, PAST = "who signed: posts, to-dos, these pages", "history, a page; the entity at an instant"
CREATE, CHANGE, CARE = "create a cat, delete one", "change a cat", "change what is on her care card"
PLAIN, TO_DO, KEY = "create or change without history", "create a to-do", "create with an Idempotency-Key"
RIGHTS, ENDED = "change what somebody may do, delete them", "sessions that change or end with that"
NEXT, LINKS = "what to do next", "cats and blockers of what is next"
BOB = {"username": "bob", "password": "correct horse battery"}
ANY, MEMBER = {"if_match": "*"}, {"role": "member"}

READS = {
    "health": Line("who calls (token or cookie)", ask("get", "/health"), "B", 1),
    "a cat, public": Line(PUBLIC, ask("get", "/cats/luna", role="public"), "G", 0.5),
    "nothing, public": Line(PUBLIC, ask("get", "/cats/nobody", role="public"), "G", 0.5),
    "a pie, public": Line(PUBLIC, ask("get", "{}", role="public", first=PIE), "G", 0.5),
    "a post, public": Line(SIGNED, ask("get", "{}", role="public", first=POST), "GB", 1),
    "a cat": Line(MINE, ask("get", "/cats/luna"), "B", 2),
    "a pie": Line(MINE, ask("get", "{}", first=PIE), "B", 2),
    "oneself": Line(MINE, of_ada("get", 1, own=True), "B", 2),
    "somebody": Line(MINE, of_ada("get", 0), "B", 2),
    "a to-do": Line(SIGNED, ask("get", "{}", first=PILL), "BB", 2.5),
    "cats, public": Line("list, public, n entities on the page", ask("get", "/cats", role="public"), "Q", 0.5),
    "pies, public": Line(
        "list, public, n entities on the page", ask("get", "/pies", role="public", first=PIE), "Q", 0.5
    ),
    "cats": Line("list of cats, staff", ask("get", "/cats"), "BQQ", 2),
    "pies": Line(OTHERS, ask("get", "/pies", first=PIE), "BQ", 1.5),
    "people": Line(OTHERS, ask("get", "/users", role="owner"), "BQ", 1.5),
    "posts": Line(SIGNED, ask("get", "/posts", first=POST), "BQB", 2),
    "posts, public": Line(SIGNED, ask("get", "/posts", role="public", first=POST), "QB", 1),
    "the feed": Line(SIGNED, ask("get", "/posts.atom", role="public", first=POST), "QB", 1),
    "to-dos": Line(SIGNED, ask("get", "/todos", first=PILL), "BQB", 2),
    "history": Line(SIGNED, ask("get", "/cats/luna/history"), "BQB", 2),
    "history at an instant": Line(PAST, ask("get", "/cats/luna/history?at=2099-01-01T00:00:00Z"), "BQ", 1.5),
    "no weights": Line("weights, a page", ask("get", "/cats/luna/weights"), "BQ", 2.5),
    "weights": Line(SIGNED, ask("get", "/cats/luna/weights", first=WEIGHT), "BQB", 3),
    "nothing to do": Line(NEXT, ask("get", "/todos/next"), "BQQ", 2),
    "next": Line(LINKS, ask("get", "/todos/next", first=PILL), "BQQBB", 3),
}
CATS = {
    "create with PUT": Line(CREATE, ask("put", "/cats/nori", LUNA), "BT", 2, 6, CARD),
    "create with POST": Line(CREATE, ask("post", "/cats", LUNA | {"name": "nori"}), "BGT", 2, 6, CARD),
    "delete": Line(CREATE, ask("delete", "/cats/luna"), "BT", 2, 6, CARD),
    "replace": Line(CHANGE, ask("put", "/cats/luna", LUNA | {"sex": "male"}), "BT", 2, 4, ALL),
    "patch": Line(CHANGE, ask("patch", "/cats/luna", {"sex": "male"}, **ANY), "BT", 2, 4, ALL),
    "another status": Line(
        CHANGE,
        ask("put", "/cats/luna", LUNA | {"status": "reserved"}),
        "BT",
        2,
        4,
        ALL | _times(2, "facet1-by_name", "facet1-by_time"),
    ),
    "adopted": Line(CARE, ask("put", "/cats/luna", LUNA | {"status": "adopted"}), "BGT", 3, 6, GONE),
    "no shots": Line(CARE, ask("put", "/cats/luna", LUNA | {"vaccinations": []}), "BGT", 3, 6, CARD),
    "another birth date": Line(
        "her birth date, once she was weighed",
        ask("patch", "/cats/milo", {"birthDate": "2022-02-02"}, first=("/cats/milo/weights", WEIGHT[1]), **ANY),
        "BGQT",
        4,
        6,
        CARD | _times(2, "shelf-by_date"),
    ),
    "create with an Idempotency-Key": Line(
        KEY, ask("post", "/cats", {"name": "nori"}, idempotency_key="once"), "BGGT", 3, 6 + 4, CARD
    ),
    "a bond begins": Line(
        "a bond begins or ends",
        ask("patch", "/cats/pip", {"bondedWith": ["milo"]}, **ANY),
        "BGT",
        3,
        4 + 4,
        _times(2, *ALL),
    ),
    "weigh": Line("weigh", ask("post", *WEIGHT), "BGQT", 4, 6, _times(1, "facet1-by_time")),
}
OTHER_THINGS = {
    "create a pie": Line(PLAIN, ask("post", *PIE), "BGT", 2, 2, BY_NAME | BY_TIME),
    "change a pie": Line(
        PLAIN, ask("patch", "{}", {"description": None}, first=PIE, **ANY), "BT", 2, 2, BY_NAME | BY_TIME
    ),
    "delete a pie": Line(PLAIN, ask("delete", "{}", first=PIE), "BT", 2, 2, BY_NAME | BY_TIME),
    "write a post": Line("create a post", ask("post", *POST), "BGBT", 2.5, 4, BY_TIME),
    "change a post": Line(PLAIN, ask("patch", "{}", {"title": "Old"}, first=POST, **ANY), "BBT", 2.5, 2, BY_TIME),
    "delete a post": Line(PLAIN, ask("delete", "{}", first=POST), "BT", 2, 2, BY_TIME),
    "note a to-do": Line(TO_DO, ask("post", *SHOP), "BBT", 1.5, 2, TODO),
    "note a dose": Line(TO_DO, ask("post", *PILL), "BGBT", 2.5, 2, DOSE),
    "change a to-do": Line(PLAIN, ask("patch", "{}", {"priority": "high"}, first=PILL, **ANY), "BBT", 2.5, 2, DOSE),
    "done": Line(PLAIN, ask("post", "{}/done", first=SHOP), "BBT", 2.5, 2, DONE),
    "done, and due again": Line(
        "a to-do that recurs is done", ask("post", "{}/done", first=DAILY), "BBT", 2.5, 4, AGAIN
    ),
    "delete a to-do": Line(PLAIN, ask("delete", "{}", first=PILL), "BT", 2, 2, DOSE),
}
PEOPLE = {
    "register": Line("register", ask("post", "/users", BOB, role="public"), "UGT", 1, 3, BY_NAME),
    "change a profile": Line(PLAIN, of_ada("patch", 1, {"about": "She."}, own=True, **ANY), "BT", 2, 2, BY_NAME),
    "log in": Line("log in", log_in(0), "UUBTUU", 2, 10),
    "log in elsewhere": Line("log in", log_in(1), "UUBTUU", 2, 10),
    "log out": Line("log out", log_out(2), "BGT", 2, 4),
    "log out everywhere": Line("log out", log_out(1), "BGT", 2, 4),
    "take a role": Line(RIGHTS, of_ada("patch", 0, MEMBER, **ANY), "BGGT", 4, 6, BY_NAME),
    "take a role from 5 sessions": Line(ENDED, of_ada("patch", 5, MEMBER, **ANY), "BGGT", 4, 6 + 5 * 2, BY_NAME),
    "delete somebody": Line(RIGHTS, of_ada("delete", 0), "BGGT", 4, 6, BY_NAME),
    "delete somebody with 3 sessions": Line(ENDED, of_ada("delete", 3), "BGGT", 4, 6 + 3 * 2, BY_NAME),
    "a new password, 3 sessions": Line(
        ENDED, of_ada("patch", 3, {"password": "a better one by far"}, own=True, **ANY), "BGT", 3, 4 + 2 * 2, BY_NAME
    ),
}
LINES = READS | CATS | OTHER_THINGS | PEOPLE
