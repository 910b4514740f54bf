"""What holds of every ranking, whatever is on the list."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, get_args

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from api.domain.cats import Cat
from api.domain.todos import Todo, TodoKind, deadline_of, is_overdue
from api.domain.urgency import Coefficients, Ranked, explain_order, make_ranker
from tests.support.factories import NOON, cat, todo

IDS = [f"t{n}" for n in range(8)]
CATS = {"luna": cat("luna", status="quarantine"), "bo": cat("bo", status="resident")}
WEIGHTS = st.floats(0, 20).map(lambda weight: round(weight, 3))
COEFFICIENTS = st.just(Coefficients()) | st.builds(Coefficients, *[WEIGHTS] * 8)
NEAR = st.timedeltas(timedelta(days=-20), timedelta(days=20)).map(lambda span: NOON + span)
EDGES = st.sampled_from([-1, 0, 1, 7199, 7200, 7201, 604_800]).map(lambda seconds: NOON + timedelta(seconds=seconds))
DAYS = st.integers(-9, 9).map(lambda days: (NOON + timedelta(days=days)).date().isoformat())
DUES = DAYS | (NEAR | EDGES).map(lambda at: at.isoformat().replace("+00:00", "Z"))


@st.composite
def todos(draw: st.DrawFn, id: str) -> Todo:
    """Draw a to-do of any kind, open or done, with any blockers."""
    due: Any = draw(st.none() | DUES)
    return todo(
        id,
        kind=draw(st.sampled_from(get_args(TodoKind))),
        due=due,
        priority=draw(st.sampled_from(["low", "normal", "high"])),
        cat=draw(st.sampled_from([None, *CATS, "nobody"])),
        assignee=draw(st.sampled_from([None, "ann"])),
        wait_until=draw(st.none() | NEAR | EDGES),
        blocked_by=tuple(draw(st.lists(st.sampled_from([*IDS, "gone"]), max_size=2))),
        done=draw(st.sampled_from([False, False, False, True])),
        created=NOON - draw(st.timedeltas(timedelta(0), timedelta(days=500))),
    )


LISTS: st.SearchStrategy[list[Todo]] = st.lists(st.sampled_from(IDS), unique=True).flatmap(
    lambda ids: st.tuples(*map(todos, ids)).map(list)
)


def rank(some: list[Todo], coefficients: Coefficients, cats: dict[str, Cat] = CATS) -> list[Ranked]:
    """Rank some to-dos at noon."""
    return make_ranker(coefficients)(some, cats, NOON)


def presses(one: Todo) -> bool:
    """Say whether it is an overdue dose or vet visit."""
    return one.kind in ("medicine", "vet") and is_overdue(one, NOON)


def until(id: str, some: list[Todo]) -> datetime:
    """Return the deadline of one of some to-dos; what has none is never due."""
    return next(deadline_of(one) or datetime.max.replace(tzinfo=UTC) for one in some if one.id == id)


@given(LISTS, COEFFICIENTS)
def test_no_tier_stands_above_a_lower_one_and_no_points_above_more(some: list[Todo], weights: Coefficients) -> None:
    for first, second in pairwise(rank(some, weights)):
        assert (first.tier, -first.urgency) <= (second.tier, -second.urgency)


@given(LISTS, COEFFICIENTS)
def test_no_overdue_dose_is_hidden_or_below_anything_else(some: list[Todo], weights: Coefficients) -> None:
    ranked = [each.todo for each in rank(some, weights)]
    pressing = [one for one in some if presses(one)]
    assert {one.id for one in ranked[: len(pressing)]} == {one.id for one in pressing}


@given(LISTS, COEFFICIENTS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_makes_no_difference(
    some: list[Todo], weights: Coefficients, order: random.Random
) -> None:
    shuffled = order.sample(some, len(some))
    assert rank(shuffled, weights, dict(reversed(CATS.items()))) == rank(some, weights)


@given(LISTS, COEFFICIENTS)
def test_all_that_is_to_be_offered_is_offered_once(some: list[Todo], weights: Coefficients) -> None:
    opens = {one.id for one in some if not one.done}
    offered = [
        one.id
        for one in some
        if not one.done
        if presses(one) or not (opens & set(one.blocked_by) or (one.wait_until is not None and one.wait_until > NOON))
    ]
    assert sorted(each.todo.id for each in rank(some, weights)) == sorted(offered)


@given(LISTS, COEFFICIENTS)
def test_the_points_that_are_shown_add_up_to_the_urgency_that_is_shown(some: list[Todo], weights: Coefficients) -> None:
    for each in rank(some, weights):
        assert sum(Decimal(str(term.points)) for term in each.terms) == Decimal(str(each.urgency))
        assert all(term.value == round(term.value, 4) for term in each.terms)
        assert all(term.points == round(term.value * term.coefficient, 4) for term in each.terms)


@given(LISTS, COEFFICIENTS, st.data())
def test_what_is_due_earlier_never_stands_lower(some: list[Todo], weights: Coefficients, data: st.DataObject) -> None:
    before = [each.todo.id for each in rank(some, weights)]
    if not before:
        return
    key, due = data.draw(st.sampled_from(before)), data.draw(DUES)
    moved = [replace(one, due=due) if one.id == key else one for one in some]
    after = [each.todo.id for each in rank(moved, weights)]
    if until(key, moved) <= until(key, some):
        assert set(after[: after.index(key)]) <= set(before[: before.index(key)])


@given(LISTS, COEFFICIENTS)
def test_it_can_always_be_said_why_one_stands_behind_the_next(some: list[Todo], weights: Coefficients) -> None:
    for first, second in pairwise(rank(some, weights)):
        told = explain_order(first, second)
        assert ("tier" in told) == (first.tier != second.tier)
        assert ("against" in told) == (first.tier == second.tier and first.urgency != second.urgency)
        assert told.endswith(".")
