"""Urgency ranking: the offered to-dos, tiers, terms, tie-breakers and the explanation of the order."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any, get_args

import msgspec
import pytest

from api.domain.care_cards import OUT_OF_CARE
from api.domain.cats import CatStatus
from api.domain.todos import Priority, Todo
from api.domain.urgency import PRIORITIES, TIERS, Coefficients, Ranked, explain_order, make_ranker
from tests.support.factories import NOON, make_cat, make_todo

RANK = make_ranker(Coefficients(), UTC)
PAST, FUTURE = "2026-11-22T11:59:59Z", "2026-11-22T12:00:01Z"
LATER = NOON + timedelta(microseconds=1)


def ids(*todos: Todo) -> list[str]:
    """Return the ids of the ranked to-dos."""
    return [ranked.todo.id for ranked in RANK(todos, {}, NOON)]


def rank_one(cats: dict[str, Any] | None = None, **fields: Any) -> Ranked:
    """Rank a list of one to-do."""
    (ranked,) = RANK([make_todo(**fields)], cats or {}, NOON)
    return ranked


def value(name: str, ranked: Ranked) -> float:
    """Return the value of a term."""
    return next(term.value for term in ranked.terms if term.name == name)


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({}, True),
        ({"done": True}, False),
        ({"wait_until": NOON}, True),
        ({"wait_until": LATER}, False),
        ({"blocked_by": ("open",)}, False),
        ({"blocked_by": ("done", "open")}, False),
        ({"blocked_by": ("done", "elsewhere")}, True),
        ({"blocked_by": ("waiting",)}, False),
        # a vet visit that is due soon can be blocked, an overdue one cannot
        ({"blocked_by": ("open",), "kind": "vet", "due": FUTURE}, False),
        ({"blocked_by": ("open",), "kind": "vet", "due": PAST}, True),
        ({"blocked_by": ("open",), "kind": "medicine", "due": "2026-11-21"}, True),
        ({"blocked_by": ("open",), "kind": "feeding", "due": PAST}, False),
        ({"wait_until": LATER, "kind": "medicine", "due": PAST}, True),
        ({"done": True, "kind": "medicine", "due": PAST}, False),
    ],
)
def test_open_todos_that_neither_wait_nor_are_blocked_are_offered(fields: dict[str, Any], offered: bool) -> None:
    others = (make_todo("open"), make_todo("done", done=True), make_todo("waiting", wait_until=LATER))
    assert ("t" in ids(make_todo(**fields), *others)) == offered


def test_blocking_cycle_is_not_offered() -> None:
    cycle = (make_todo("a", blocked_by=("b",)), make_todo("b", blocked_by=("c",)), make_todo("c", blocked_by=("a",)))
    assert ids(*cycle, make_todo("self", blocked_by=("self",)), make_todo("free")) == ["free"]
    overdue = make_todo("b", blocked_by=("c",), kind="vet", due=PAST)
    assert ids(cycle[0], overdue, cycle[2]) == ["b"]


def test_ties_are_broken_by_deadline_then_age_then_id() -> None:
    assert ids(make_todo("a", due="2026-12-30"), make_todo("b"), make_todo("c", due="2026-12-29")) == ["c", "a", "b"]
    assert ids(make_todo("a", created=LATER), make_todo("b")) == ["b", "a"]
    assert ids(make_todo("b"), make_todo("a")) == ["a", "b"]


def test_newest_version_of_a_todo_that_was_read_twice_counts_once() -> None:
    assert ids(make_todo(version=2, done=True), make_todo(version=1)) == []
    assert ids(make_todo(version=1, done=True), make_todo(version=2)) == ["t"]
    todos = (make_todo("t"), make_todo("a", version=1, blocked_by=("t",)), make_todo("a", version=2, blocked_by=("t",)))
    assert value("blocking", RANK(todos, {}, NOON)[0]) == 1


@pytest.mark.parametrize(
    ("kind", "due", "tier"),
    [
        ("medicine", "2026-11-22T12:00:00Z", 1),
        ("vet", "2026-11-21", 1),
        ("medicine", FUTURE, 2),
        ("vet", "2026-11-22T14:00:00Z", 2),
        ("vet", "2026-11-22T14:00:01Z", 3),
        ("medicine", "2026-11-22", 3),
        ("medicine", None, 3),
        ("feeding", "2026-11-22T12:00:00Z", 2),
        ("feeding", FUTURE, 3),
        ("feeding", None, 3),
        ("cleaning", "2026-01-01", 3),
    ],
)
def test_tiers_are_overdue_care_then_care_due_soon_then_the_rest(kind: str, due: str | None, tier: int) -> None:
    ranked = rank_one(kind=kind, due=due)
    assert (ranked.tier, ranked.reason) == (tier, TIERS[tier].reason)


def test_tier_outweighs_any_points() -> None:
    waiting = [make_todo(f"w{n}", blocked_by=("admin",)) for n in range(9)]
    admin = make_todo("admin", due="2000-01-01", priority="high", created=NOON - timedelta(days=999))
    feeding = make_todo("feeding", kind="feeding", due=PAST, priority="low", assignee="ann")
    medicine = make_todo("medicine", kind="medicine", due=PAST, priority="low", assignee="ann")
    assert ids(admin, feeding, medicine, *waiting) == ["medicine", "feeding", "admin"]


def test_soon_hours_decide_which_care_is_due_soon() -> None:
    medicine = make_todo(kind="medicine", due="2026-11-22T17:00:00Z")
    assert make_ranker(Coefficients(soon_hours=5.0), UTC)([medicine], {}, NOON)[0].tier == 2
    assert make_ranker(Coefficients(soon_hours=4.9), UTC)([medicine], {}, NOON)[0].tier == 3


@pytest.mark.parametrize(
    ("term", "fields", "expected"),
    [
        ("due", {}, 0),
        ("due", {"due": "2026-11-29T12:00:00Z"}, 0),
        ("due", {"due": "2026-12-29"}, 0),
        ("due", {"due": "2026-11-26T00:00:00Z"}, 0.5),
        ("due", {"due": "2026-11-25"}, 0.5),
        ("due", {"due": "2026-11-22T12:00:00Z"}, 1),
        ("due", {"due": "2026-01-01"}, 1),
        ("lateDays", {"due": FUTURE}, 0),
        ("lateDays", {"due": "2026-11-19"}, 2.5),
        ("lateDaysSquared", {"due": "2026-11-19"}, 6.25),
        ("lateDaysSquared", {}, 0),
        ("age", {}, 0),
        ("age", {"created": NOON - timedelta(days=73)}, 0.2),
        ("age", {"created": NOON - timedelta(days=999)}, 1),
        ("age", {"created": NOON + timedelta(days=9)}, 0),
        ("priority", {"priority": "low"}, 0),
        ("priority", {}, 0.5),
        ("priority", {"priority": "high"}, 1),
        ("assignee", {}, 1),
        ("assignee", {"assignee": "ann"}, 0),
        ("cat", {}, 0),
        ("cat", {"cat": "missing"}, 0),
    ],
)
def test_value_of_each_term(term: str, fields: dict[str, Any], expected: float) -> None:
    assert value(term, rank_one(**fields)) == expected


@pytest.mark.parametrize("status", get_args(CatStatus))
def test_cat_term_depends_on_the_status_of_the_cat(status: Any) -> None:
    cats = {"luna": make_cat(status=status), "bo": make_cat("bo", status="intake")}
    default = 0.25 if status == "resident" else 0.5
    expected = 0 if status in OUT_OF_CARE else 1 if status in ("intake", "quarantine", "hold") else default
    assert value("cat", rank_one(cats, cat="luna")) == expected


def test_every_priority_has_a_value() -> None:
    assert tuple(PRIORITIES) == get_args(Priority)


@pytest.mark.parametrize(("waiting", "expected"), [(0, 0), (1, 1), (5, 5), (6, 5)])
def test_blocking_term_counts_open_todos_up_to_5(waiting: int, expected: float) -> None:
    blocked = [make_todo(f"w{n}", blocked_by=("t", "x", "t"), wait_until=LATER) for n in range(waiting)]
    done = make_todo("done", done=True, blocked_by=("t",))
    (ranked,) = (each for each in RANK([make_todo(), *blocked, done], {}, NOON) if each.todo.id == "t")
    assert value("blocking", ranked) == expected


def test_terms_have_a_fixed_order_and_their_coefficients() -> None:
    assert [term.name for term in rank_one().terms] == [
        "due", "lateDays", "lateDaysSquared", "age", "blocking", "priority", "cat", "assignee",
    ]  # fmt: skip
    numbers = [float(n) for n in range(1, 9)]
    (ranked,) = make_ranker(Coefficients(*numbers), UTC)([make_todo(priority="high")], {}, NOON)
    assert [term.coefficient for term in ranked.terms] == numbers
    assert [term.points for term in ranked.terms] == [0, 0, 0, 0, 0, 6, 0, 8]
    assert ranked.urgency == 14


def test_default_coefficients_and_zero_coefficients() -> None:
    assert Coefficients() == Coefficients(12.0, 1.0, 0.1, 2.0, 1.6, 6.0, 3.0, 1.0, 2.0, 168.0)
    zero = msgspec.convert(dict.fromkeys(Coefficients.__struct_fields__[:8], 0), Coefficients)
    assert make_ranker(zero, UTC)([make_todo(due=PAST, priority="high")], {}, NOON)[0].urgency == 0
    assert msgspec.convert({"soon_hours": 0.5}, Coefficients).soon_hours == 0.5


@pytest.mark.parametrize("fields", [{"due": -1.0}, {"cat": 1001.0}, {"soon_hours": 0.0}, {"lead_hours": 0.0}])
def test_coefficient_out_of_range_is_rejected(fields: dict[str, float]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(fields, Coefficients)


@pytest.mark.parametrize(
    ("first", "second", "explanation"),
    [
        ({"kind": "vet", "due": PAST}, {"priority": "high"},
         "It is in tier 3 (by urgency); tier 1 (overdue care) always goes first."),
        ({"priority": "high"}, {"assignee": "ann"},
         "It has 3 points against 7; the greatest difference is in priority: 3 against 6."),
        ({"due": PAST, "assignee": "ann", "priority": "high"}, {"due": PAST},
         "It has 16 points against 18; the greatest difference is in priority: 3 against 6."),
        ({"due": "2026-12-29"}, {"due": "2026-12-30"}, "The points are equal; the first to-do is due earlier."),
        ({"due": "2026-12-29"}, {}, "The points are equal; the first to-do is due earlier."),
        ({"created": NOON}, {"created": LATER},
         "The points and due dates are equal; the first to-do is older."),
        ({"due": "2026-12-29"}, {"due": "2026-12-30T00:00:00Z"},
         "The points, due dates and ages are equal; the order of the ids decides."),
    ],
)  # fmt: skip
def test_explanation_of_the_order(first: dict[str, Any], second: dict[str, Any], explanation: str) -> None:
    winner, loser = RANK([make_todo("b", **second), make_todo("a", **first)], {}, NOON)
    assert (winner.todo.id, loser.todo.id) == ("a", "b")
    assert explain_order(winner, loser) == explanation
