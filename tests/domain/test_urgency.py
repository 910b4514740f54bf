"""What is to be done next, case by case: what is offered, the tiers, each term, and why one stands behind another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import msgspec
import pytest

from api.domain.care_cards import GONE
from api.domain.cats import Status
from api.domain.todos import Priority, Todo
from api.domain.urgency import PRIORITIES, TIERS, Coefficients, Ranked, make_ranker
from tests.support.factories import NOON, cat, todo

RANK = make_ranker(Coefficients())
PAST, FUTURE = "2026-11-22T11:59:59Z", "2026-11-22T12:00:01Z"
WAIT = NOON + timedelta(microseconds=1)


def ids(*todos: Todo) -> list[str]:
    """Return the order in which some to-dos are offered."""
    return [ranked.todo.id for ranked in RANK(todos, {}, NOON)]


def only(cats: dict[str, Any] | None = None, **members: Any) -> Ranked:
    """Return one to-do, ranked alone."""
    (ranked,) = RANK([todo(**members)], cats or {}, NOON)
    return ranked


def value(term: str, one: Ranked) -> float:
    """Return the value of a term."""
    return next(each.value for each in one.terms if each.name == term)


@pytest.mark.parametrize(
    ("members", "offered"),
    [
        ({}, True),
        ({"done": True}, False),
        ({"wait_until": NOON}, True),
        ({"wait_until": WAIT}, False),
        ({"blocked_by": ("open",)}, False),
        ({"blocked_by": ("done", "open")}, False),
        ({"blocked_by": ("done", "elsewhere")}, True),
        ({"blocked_by": ("sleeping",)}, False),
        # a vet visit that is due soon waits, an overdue one does not
        ({"blocked_by": ("open",), "kind": "vet", "due": FUTURE}, False),
        ({"blocked_by": ("open",), "kind": "vet", "due": PAST}, True),
        ({"blocked_by": ("open",), "kind": "medicine", "due": "2026-11-21"}, True),
        ({"blocked_by": ("open",), "kind": "feeding", "due": PAST}, False),
        ({"wait_until": WAIT, "kind": "medicine", "due": PAST}, True),
        ({"done": True, "kind": "medicine", "due": PAST}, False),
    ],
)
def test_what_is_open_and_neither_waits_nor_is_blocked_is_offered(members: dict[str, Any], offered: bool) -> None:
    others = (todo("open"), todo("done", done=True), todo("sleeping", wait_until=WAIT))
    assert ("t" in ids(todo(**members), *others)) == offered


def test_a_circle_is_not_offered_and_does_no_harm() -> None:
    circle = (todo("a", blocked_by=("b",)), todo("b", blocked_by=("c",)), todo("c", blocked_by=("a",)))
    assert ids(*circle, todo("self", blocked_by=("self",)), todo("free")) == ["free"]
    late = todo("b", blocked_by=("c",), kind="vet", due=PAST)
    assert ids(circle[0], late, circle[2]) == ["b"]


def test_with_equal_points_the_earlier_due_goes_first_then_the_older_then_the_first_id() -> None:
    assert ids(todo("a", due="2026-12-30"), todo("b"), todo("c", due="2026-12-29")) == ["c", "a", "b"]
    assert ids(todo("a", created=WAIT), todo("b")) == ["b", "a"]
    assert ids(todo("b"), todo("a")) == ["a", "b"]


def test_what_was_read_twice_counts_once_as_it_was_last() -> None:
    assert ids(todo(version=2, done=True), todo(version=1)) == []
    assert ids(todo(version=1, done=True), todo(version=2)) == ["t"]
    twice = (todo("t"), todo("a", version=1, blocked_by=("t",)), todo("a", version=2, blocked_by=("t",)))
    assert value("blocking", RANK(twice, {}, NOON)[0]) == 1


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
def test_the_tier_is_care_that_is_overdue_then_care_that_is_soon_then_all_else(
    kind: str, due: str | None, tier: int
) -> None:
    ranked = only(kind=kind, due=due)
    assert (ranked.tier, ranked.reason) == (tier, TIERS[tier].reason)


def test_no_points_outweigh_a_tier() -> None:
    waiting = [todo(f"w{n}", blocked_by=("admin",)) for n in range(9)]
    old = NOON - timedelta(days=999)
    admin = todo("admin", due="2000-01-01", priority="high", created=old)
    hungry = todo("hungry", kind="feeding", due=PAST, priority="low", assignee="ann")
    dose = todo("dose", kind="medicine", due=PAST, priority="low", assignee="ann")
    assert ids(admin, hungry, dose, *waiting) == ["dose", "hungry", "admin"]


def test_soon_is_what_the_coefficients_say() -> None:
    dose = todo(kind="medicine", due="2026-11-22T17:00:00Z")
    assert make_ranker(Coefficients(soon_hours=5.0))([dose], {}, NOON)[0].tier == 2
    assert make_ranker(Coefficients(soon_hours=4.9))([dose], {}, NOON)[0].tier == 3


@pytest.mark.parametrize(
    ("term", "members", "expected"),
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
        ("cat", {"cat": "nobody"}, 0),
    ],
)
def test_each_term_has_its_value(term: str, members: dict[str, Any], expected: float) -> None:
    assert value(term, only(**members)) == expected


@pytest.mark.parametrize("status", get_args(Status))
def test_a_cat_who_is_new_or_apart_needs_most_and_one_who_has_left_nothing(status: Any) -> None:
    middle = 0.25 if status == "resident" else 0.5
    needs = value("cat", only({"luna": cat(status=status), "bo": cat("bo", status="intake")}, cat="luna"))
    assert needs == (0 if status in GONE else 1 if status in ("intake", "quarantine", "hold") else middle)


def test_every_priority_has_a_value() -> None:
    assert tuple(PRIORITIES) == get_args(Priority)


@pytest.mark.parametrize(("waiting", "expected"), [(0, 0), (1, 1), (5, 5), (6, 5)])
def test_it_counts_the_open_ones_that_wait_on_it(waiting: int, expected: float) -> None:
    others = [todo(f"w{n}", blocked_by=("t", "x", "t"), wait_until=WAIT) for n in range(waiting)]
    done = todo("done", done=True, blocked_by=("t",))
    (ranked,) = (each for each in RANK([todo(), *others, done], {}, NOON) if each.todo.id == "t")
    assert value("blocking", ranked) == expected


def test_the_terms_stand_in_one_order_with_their_coefficients() -> None:
    told = RANK([todo()], {}, NOON)[0].terms
    assert [term.name for term in told] == [
        "due", "lateDays", "lateDaysSquared", "age", "blocking", "priority", "cat", "assignee",
    ]  # fmt: skip
    numbers = [float(n) for n in range(1, 9)]
    (ranked,) = make_ranker(Coefficients(*numbers))([todo(priority="high")], {}, NOON)
    assert [term.coefficient for term in ranked.terms] == numbers
    assert [term.points for term in ranked.terms] == [0, 0, 0, 0, 0, 6, 0, 8]
    assert ranked.urgency == 14


def test_the_defaults_are_these_and_none_of_them_is_needed() -> None:
    assert Coefficients() == Coefficients(12.0, 1.0, 0.1, 2.0, 1.6, 6.0, 3.0, 1.0, 2.0, 168.0)
    nothing = msgspec.convert(dict.fromkeys(Coefficients.__struct_fields__[:8], 0), Coefficients)
    assert make_ranker(nothing)([todo(due=PAST, priority="high")], {}, NOON)[0].urgency == 0
    assert msgspec.convert({"soon_hours": 0.5}, Coefficients).soon_hours == 0.5


@pytest.mark.parametrize("wrong", [{"due": -1.0}, {"cat": 1001.0}, {"soon_hours": 0.0}, {"lead_hours": 0.0}])
def test_a_coefficient_is_never_negative(wrong: dict[str, float]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Coefficients)
