"""What each access pattern costs: the table at the top of ``api/store/keys.py``, line by line, by the engine's bill."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.store import keys
from api.store.keys import INDEXES
from tests.engine.bill import bill
from tests.engine.house import EngineCafe

KB = 1024
ALL_INDEXES = {name: 1.0 for name in INDEXES if name}
LUNA: dict[str, Any] = {
    "sex": "female",
    "birthDate": "2023-08-30",
    "breed": {"primary": "domestic shorthair", "mixed": True},
    "colors": {"primary": "black", "secondary": "white"},
    "pattern": "tuxedo",
    "coat": "short",
    "altered": "yes",
    "microchips": [{"number": "276098106234567"}],
    "fiv": "negative",
    "felv": "negative",
    "vaccinations": [{"type": "tricat", "givenOn": "2026-07-05", "expiresOn": "2027-07-05"}],
    "goodWith": {"cats": "yes", "children": "over5"},
    "status": "available",
    "location": {"area": "café", "onFloor": True},
    "adoptionFee": {"amount": 18000, "currency": "EUR"},
    "description": "Greets everybody at the door.",
    "staffNotes": "Steals cream.",
}
"""A cat as a shelter describes one, who with her keys is just under 1 KB."""


@dataclass(frozen=True)
class Line:
    """One access pattern: who is there before, what is sent, and what it costs without the session's read."""

    pattern: str
    """What ``keys`` calls it."""
    send: Callable[[EngineCafe], Callable[[], TestResponse]]
    calls: list[str]
    read: float
    written: float = 0.0
    indexes: dict[str, float] = field(default_factory=dict)


def _staff(method: str, path: str, body: Any = None, **headers: str) -> Callable[[EngineCafe], Any]:
    def prepare(cafe: EngineCafe) -> Callable[[], TestResponse]:
        caller, extra = cafe.staff, ([body] if body is not None else [])
        return lambda: getattr(caller, method)(path, *extra, **headers)

    return prepare


def _public(path: str) -> Callable[[EngineCafe], Any]:
    return lambda cafe: lambda: cafe.public.get(path)


def _log_in(cafe: EngineCafe) -> Callable[[], TestResponse]:
    credentials = {"username": "owner", "password": cafe.owner_with_password()}
    return lambda: cafe.public.post("/sessions", credentials)


SESSION = "GetItem"
TRANSACTION = "TransactWriteItems"
FACETS = {name: 2.0 if "facet1" in name else 1.0 for name in ALL_INDEXES}
TWICE = dict.fromkeys(ALL_INDEXES, 2.0)
CHANGE = "create or change, with history"
LINES = {
    "who calls": Line("who calls (bearer token)", _staff("get", "/health"), [SESSION], 1),
    "GET one thing, public": Line("GET one thing, public", _public("/cats/luna"), ["GetItem"], 0.5),
    "GET one thing, staff": Line("GET one thing, staff", _staff("get", "/cats/luna"), [SESSION, "GetItem"], 2),
    "GET nothing, public": Line("GET one thing, public", _public("/cats/nobody"), ["GetItem"], 0.5),
    "list, public": Line("list, public, n things on the page", _public("/cats"), ["Query"], 0.5),
    "list, staff": Line("list, staff", _staff("get", "/cats"), [SESSION, "Query", "Query"], 2),
    "history": Line(
        "history, a page; the thing at an instant", _staff("get", "/cats/luna/history"), [SESSION, "Query"], 1.5
    ),
    "history at an instant": Line(
        "history, a page; the thing at an instant",
        _staff("get", "/cats/luna/history?at=2099-01-01T00:00:00Z"),
        [SESSION, "Query"],
        1.5,
    ),
    "weights": Line("weights, a page", _staff("get", "/cats/luna/weights"), [SESSION, "GetItem", "Query"], 2.5),
    "create with PUT": Line(
        CHANGE, _staff("put", "/cats/nori", LUNA), [SESSION, "GetItem", TRANSACTION], 2, 4, ALL_INDEXES
    ),
    "create with POST": Line(
        CHANGE, _staff("post", "/cats", LUNA | {"name": "nori"}), [SESSION, "GetItem", TRANSACTION], 2, 4, ALL_INDEXES
    ),
    "replace": Line(
        CHANGE,
        _staff("put", "/cats/luna", LUNA | {"sex": "male"}),
        [SESSION, "GetItem", TRANSACTION],
        2,
        4,
        ALL_INDEXES,
    ),
    "replace, another status": Line(
        CHANGE,
        _staff("put", "/cats/luna", LUNA | {"status": "reserved"}),
        [SESSION, "GetItem", TRANSACTION],
        2,
        4,
        FACETS,
    ),
    "patch": Line(
        CHANGE,
        _staff("patch", "/cats/luna", {"sex": "male"}, if_match="*"),
        [SESSION, "GetItem", TRANSACTION],
        2,
        4,
        ALL_INDEXES,
    ),
    "delete": Line(CHANGE, _staff("delete", "/cats/luna"), [SESSION, "GetItem", TRANSACTION], 2, 4, ALL_INDEXES),
    "create with an Idempotency-Key": Line(
        "the same with an Idempotency-Key",
        _staff("post", "/cats", {"name": "nori"}, idempotency_key="once"),
        [SESSION, "GetItem", "GetItem", TRANSACTION],
        3,
        4 + 4,
        ALL_INDEXES,
    ),
    "a bond begins": Line(
        "a bond begins or ends",
        _staff("patch", "/cats/pip", {"bondedWith": ["milo"]}, if_match="*"),
        [SESSION, "GetItem", "GetItem", TRANSACTION],
        3,
        4 + 4,
        TWICE,
    ),
    "weigh": Line(
        "weigh", _staff("post", "/cats/luna/weights", {"grams": 4000}), [SESSION, "GetItem", TRANSACTION], 2, 4
    ),
    "log in": Line(
        "log in",
        _log_in,
        ["UpdateItem", "UpdateItem", "GetItem", "UpdateItem", "UpdateItem", "PutItem"],
        1,
        5,
        {"shelf-by_time": 1.0},
    ),
}


def test_every_line_of_the_table_in_keys_is_measured() -> None:
    table = str(keys.__doc__).partition("Access patterns.")[2].splitlines()
    patterns = [re.split(r"  +", line.strip())[0] for line in table if line.startswith("    ")]
    assert set(patterns) == {line.pattern for line in LINES.values()}


@pytest.mark.parametrize("name", LINES)
def test_an_access_pattern_costs_what_the_table_in_keys_says(cafe: EngineCafe, name: str) -> None:
    line = LINES[name]
    cafe.staff.put("/cats/luna", LUNA)
    for name in ("milo", "pip"):
        cafe.staff.put(f"/cats/{name}", {"status": "available"})
    send = line.send(cafe)
    answer, cost = bill(cafe, send)
    assert answer.status_code in (200, 201, 204, 404)
    assert cost.calls == line.calls
    assert (cost.read, cost.written, cost.indexes) == (line.read, line.written, line.indexes)


def test_a_replay_under_an_idempotency_key_writes_nothing(cafe: EngineCafe) -> None:
    send = _staff("post", "/cats", {"name": "nori"}, idempotency_key="once")(cafe)
    send()
    answer, cost = bill(cafe, send)
    assert (answer.status_code, cost.calls, cost.read, cost.written) == (201, ["GetItem", "GetItem"], 2, 0)


def test_a_write_of_a_cat_over_1_kb_costs_one_transaction_unit_more_for_each_kb(cafe: EngineCafe) -> None:
    send = _staff("put", "/cats/luna", LUNA | {"description": "A" * KB})(cafe)
    _, cost = bill(cafe, send)
    assert (cost.written, cost.indexes) == (8, TWICE)


def test_the_cat_of_these_lines_is_a_full_one_and_under_1_kb(cafe: EngineCafe) -> None:
    cafe.staff.put("/cats/luna", LUNA)
    cafe.staff.put("/cats/luna", LUNA | {"sex": "male"})
    sizes = [
        sum(len(name.encode()) + len(value["S"].encode()) for name, value in item.items())
        for item in cafe.items("luna")
    ]
    assert KB * 0.9 < max(sizes) <= KB
