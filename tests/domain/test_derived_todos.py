"""Derived to-dos of a care card: when each appears, its fields, and its stable id."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from api.domain.care_cards import CareCard, derived_todos, is_derived, next_visible_at
from api.domain.todos import ReplaceTodo, is_overdue, to_body
from api.domain.weights import Alarm
from tests.support.factories import NOON, make_card, utc

WEIGHT_LOSS = Alarm(code="adult-loses-too-much", detail="The cat has lost 12 %.")
TODAY = NOON.date()
TICK = timedelta(microseconds=1)


def code(id: str) -> str:
    """Return the code of the cause in the id of a derived to-do."""
    match = re.fullmatch(r"derived-([a-z-]+)-[0-9a-f]{16}", id)
    assert match is not None
    return match[1]


def codes(card: CareCard, at: str) -> list[str]:
    """Return the codes of the derived to-dos of a card at a time."""
    return [code(todo.id) for todo in derived_todos(card, utc(at), UTC)]


@pytest.mark.parametrize(
    ("fields", "before", "since", "expected"),
    [
        ({"vaccinations": (("flu", date(2026, 11, 25)),)}, "11-24T23:59:59", "11-25T00:00", "vaccination-due"),
        ({"weighed": utc("11-23T08:00"), "alarm": WEIGHT_LOSS}, "11-23T07:59:59", "11-23T08:00", "weight-alarm"),
        ({}, "12-22T11:59:59", "12-22T12:00", "weigh"),
        ({"weighed": utc("11-23T08:00")}, "12-23T07:59:59", "12-23T08:00", "weigh"),
        ({"weighed": utc("10-01T08:00")}, "12-22T11:59:59", "12-22T12:00", "weigh"),
        ({"hold_until": date(2026, 11, 25)}, "11-24T23:59:59", "11-25T00:00", "hold-ended"),
    ],
)
def test_todo_appears_when_its_cause_begins(fields: dict[str, Any], before: str, since: str, expected: str) -> None:
    assert codes(make_card(**fields), before) == []
    assert codes(make_card(**fields), since) == [expected]
    assert next_visible_at(make_card(**fields)) == utc(since)
    assert next_visible_at(make_card(**fields, in_care=False)) is None
    assert codes(make_card(**fields, in_care=False), since) == []


@pytest.mark.parametrize(
    ("fields", "kind", "due", "title", "overdue"),
    [
        ({"vaccinations": (("tricat", TODAY),)}, "vet", "2026-11-22", "Vaccinate luna: tricat", False),
        ({"weighed": NOON, "alarm": WEIGHT_LOSS}, "vet", "2026-11-22T12:00:00Z",
         "Take luna to the vet: adult loses too much", True),
        ({"since": utc("10-23T12:00")}, "admin", "2026-11-22", "Weigh luna", False),
        ({"hold_until": TODAY}, "admin", "2026-11-22", "End the hold of luna", False),
    ],
)  # fmt: skip
def test_fields_of_each_derived_todo(fields: dict[str, Any], kind: str, due: str, title: str, overdue: bool) -> None:
    (todo,) = derived_todos(make_card(**fields), NOON, UTC)
    assert (todo.kind, todo.due, todo.title, todo.cat) == (kind, due, title, "luna")
    assert (todo.by, todo.version, todo.done, todo.assignee) == ("clowder", 1, False, None)
    assert todo.notes
    assert is_overdue(todo, NOON, UTC) == overdue
    assert todo.created == todo.updated <= NOON


def test_notes_of_a_weight_alarm_begin_with_its_detail() -> None:
    (todo,) = derived_todos(make_card(weighed=NOON, alarm=WEIGHT_LOSS), NOON, UTC)
    assert (todo.notes or "").startswith(WEIGHT_LOSS.detail)


def test_due_date_is_a_day_in_utc() -> None:
    (todo,) = derived_todos(
        make_card(since=datetime.fromisoformat("2026-10-24T00:30:00+02:00")), NOON + timedelta(days=1), UTC
    )
    assert todo.due == "2026-11-22"


def test_dates_before_2000_become_valid_due_dates() -> None:
    old = datetime(1999, 12, 31, tzinfo=UTC)
    fields = {"vaccinations": (("flu", date.min),), "hold_until": old.date(), "weighed": old, "alarm": WEIGHT_LOSS}
    todos = derived_todos(make_card(since=old - timedelta(days=99), **fields), NOON, UTC)
    assert [todo.due for todo in todos] == ["2000-01-01", "2000-01-01T00:00:00Z", "2000-01-30", "2000-01-01"]
    for todo in todos:
        msgspec.convert(msgspec.to_builtins(to_body(todo)), ReplaceTodo)


def test_each_cause_has_its_own_stable_id() -> None:
    vaccinations = (("a", TODAY), ("b", TODAY))
    card = make_card(vaccinations=vaccinations, hold_until=TODAY, weighed=NOON - timedelta(days=40), alarm=WEIGHT_LOSS)
    ids = [todo.id for todo in derived_todos(card, NOON + timedelta(days=40), UTC)]
    assert len(set(ids)) == 5
    later = replace(card, vaccinations=(("b", TODAY - timedelta(days=9)),), weighed=NOON - timedelta(days=35))
    assert {todo.id for todo in derived_todos(later, NOON + timedelta(days=40), UTC)} == set(ids) - {ids[0]}
    other = {todo.id for todo in derived_todos(replace(card, uid="v"), NOON + timedelta(days=40), UTC)}
    assert other.isdisjoint(ids)
    assert derived_todos(make_card(hold_until=TODAY), NOON, UTC)[0].id == "derived-hold-ended-0bfe935e70c321c7"


@pytest.mark.parametrize(("id", "derived"), [("derived-weigh-0", True), ("t1", False), ("underived-1", False)])
def test_is_derived_recognises_derived_ids(id: str, derived: bool) -> None:
    assert is_derived(id) == derived
    assert all(is_derived(todo.id) for todo in derived_todos(make_card(since=utc("01-01T00:00")), NOON, UTC))


DAYS = st.dates(date(2026, 9, 1), date(2027, 2, 1))
TIMES = st.datetimes(datetime(2026, 9, 1), datetime(2027, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def cards(draw: st.DrawFn) -> CareCard:
    """Draw a care card."""
    names = draw(st.lists(st.sampled_from(["flu", "rabies", "tricat"]), unique=True))
    return make_card(
        since=draw(TIMES),
        in_care=draw(st.sampled_from([True, True, True, False])),
        vaccinations=tuple((name, draw(DAYS)) for name in names),
        hold_until=draw(st.none() | DAYS),
        weighed=draw(st.none() | TIMES),
        alarm=draw(st.sampled_from([None, WEIGHT_LOSS])),
    )


@given(cards(), TIMES)
def test_todos_exist_exactly_from_next_visible_at_on(card: CareCard, now: datetime) -> None:
    at = next_visible_at(card)
    assert bool(derived_todos(card, now, UTC)) == (at is not None and at <= now)
    assert (at is None) == (not card.in_care)
    if at is not None:
        assert derived_todos(card, at, UTC)
        assert not derived_todos(card, at - TICK, UTC)


@given(cards(), TIMES, st.timedeltas(timedelta(0), timedelta(days=99)))
def test_todos_of_an_unchanged_card_do_not_change(card: CareCard, now: datetime, delay: timedelta) -> None:
    after = derived_todos(card, now + delay, UTC)
    assert all(todo in after for todo in derived_todos(card, now, UTC))
    assert len({todo.id for todo in after}) == len(after)
