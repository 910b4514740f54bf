"""Property tests of the urgency ranking, over any list of to-dos and any coefficients."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from api.domain.cats import Cat
from api.domain.todos import Todo, TodoKind, deadline_of, is_overdue
from api.domain.urgency import Coefficients, Ranked, explain_order, make_ranker
from tests.support.factories import NOON, make_cat, make_todo

IDS = [f"t{n}" for n in range(8)]
CATS = {"luna": make_cat("luna", status="quarantine"), "bo": make_cat("bo", status="resident")}
WEIGHTS = st.floats(0, 20).map(lambda weight: round(weight, 3))
COEFFICIENTS = st.just(Coefficients()) | st.builds(Coefficients, *[WEIGHTS] * 8)
NEAR = st.timedeltas(timedelta(days=-20), timedelta(days=20)).map(lambda delta: NOON + delta)
EDGES = st.sampled_from([-1, 0, 1, 7199, 7200, 7201, 604_800]).map(lambda seconds: NOON + timedelta(seconds=seconds))
DAYS = st.integers(-9, 9).map(lambda days: (NOON + timedelta(days=days)).date().isoformat())
DUE_DATES = DAYS | (NEAR | EDGES).map(lambda at: at.isoformat().replace("+00:00", "Z"))


@st.composite
def todos_with_id(draw: st.DrawFn, id: str) -> Todo:
    """Draw a to-do of any kind, open or done, with any blockers."""
    due: Any = draw(st.none() | DUE_DATES)
    return make_todo(
        id,
        kind=draw(st.sampled_from(get_args(TodoKind))),
        due=due,
        priority=draw(st.sampled_from(["low", "normal", "high"])),
        cat=draw(st.sampled_from([None, *CATS, "missing"])),
        assignee=draw(st.sampled_from([None, "ann"])),
        wait_until=draw(st.none() | NEAR | EDGES),
        blocked_by=tuple(draw(st.lists(st.sampled_from([*IDS, "missing"]), max_size=2))),
        done=draw(st.sampled_from([False, False, False, True])),
        created=NOON - draw(st.timedeltas(timedelta(0), timedelta(days=500))),
    )


LISTS: st.SearchStrategy[list[Todo]] = st.lists(st.sampled_from(IDS), unique=True).flatmap(
    lambda ids: st.tuples(*map(todos_with_id, ids)).map(list)
)


def rank(todos: list[Todo], coefficients: Coefficients, cats: dict[str, Cat] = CATS) -> list[Ranked]:
    """Rank to-dos at noon."""
    return make_ranker(coefficients, UTC)(todos, cats, NOON)


def is_overdue_care(todo: Todo) -> bool:
    """Return whether a to-do is an overdue medicine or vet visit."""
    return todo.kind in ("medicine", "vet") and is_overdue(todo, NOON, UTC)


def deadline_in(todos: list[Todo], id: str) -> datetime:
    """Return the deadline of a to-do in a list, the maximum if it has none."""
    return next(deadline_of(todo, UTC) or datetime.max.replace(tzinfo=UTC) for todo in todos if todo.id == id)


def check_order(ranked: list[Ranked], todos: list[Todo]) -> None:
    """Check that overdue care comes first, and then the most urgent to-do."""
    for first, second in pairwise(ranked):
        assert (first.tier, -first.urgency) <= (second.tier, -second.urgency)
    overdue = [todo for todo in todos if is_overdue_care(todo)]
    assert {each.todo.id for each in ranked[: len(overdue)]} == {todo.id for todo in overdue}


def check_members(ranked: list[Ranked], todos: list[Todo]) -> None:
    """Check that each open to-do is there once, unless it is blocked or waits."""
    open_todos = {todo.id: todo for todo in todos if not todo.done}
    expected = [
        todo.id
        for todo in open_todos.values()
        if is_overdue_care(todo)
        or not (open_todos.keys() & todo.blocked_by or (todo.wait_until is not None and todo.wait_until > NOON))
    ]
    assert sorted(each.todo.id for each in ranked) == sorted(expected)


def check_terms(ranked: list[Ranked]) -> None:
    """Check that the points of the terms add up to the urgency."""
    for each in ranked:
        assert sum(Decimal(str(term.points)) for term in each.terms) == Decimal(str(each.urgency))
        assert all(term.value == round(term.value, 4) for term in each.terms)
        assert all(term.points == round(term.value * term.coefficient, 4) for term in each.terms)


def check_explanations(ranked: list[Ranked]) -> None:
    """Check that each explanation names the first difference."""
    for first, second in pairwise(ranked):
        explanation = explain_order(first, second)
        assert ("tier" in explanation) == (first.tier != second.tier)
        assert ("against" in explanation) == (first.tier == second.tier and first.urgency != second.urgency)
        assert explanation.endswith(".")


@settings(max_examples=100)
@given(LISTS, COEFFICIENTS, st.randoms(use_true_random=False))
def test_ranking_is_complete_ordered_and_explained_for_any_order_of_the_input(
    todos: list[Todo], coefficients: Coefficients, order: random.Random
) -> None:
    ranked = rank(todos, coefficients)
    check_order(ranked, todos)
    check_members(ranked, todos)
    check_terms(ranked)
    check_explanations(ranked)
    assert rank(order.sample(todos, len(todos)), coefficients, dict(reversed(CATS.items()))) == ranked


@given(LISTS, COEFFICIENTS, st.data())
def test_earlier_due_never_lowers_the_rank(todos: list[Todo], coefficients: Coefficients, data: st.DataObject) -> None:
    before = [each.todo.id for each in rank(todos, coefficients)]
    if not before:
        return
    key, due = data.draw(st.sampled_from(before)), data.draw(DUE_DATES)
    changed = [replace(todo, due=due) if todo.id == key else todo for todo in todos]
    after = [each.todo.id for each in rank(changed, coefficients)]
    if deadline_in(changed, key) <= deadline_in(todos, key):
        assert set(after[: after.index(key)]) <= set(before[: before.index(key)])
