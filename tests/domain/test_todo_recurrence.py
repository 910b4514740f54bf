"""A series of to-dos, whatever is said of it and whenever: due after it was done, in its rhythm, one of it open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from api.domain.due_dates import Recurrence, deadline, is_date_only
from api.domain.todos import (
    Todo,
    TodoBody,
    deadline_of,
    next_occurrence,
    to_body,
    update,
    validate,
    validate_transition,
)
from tests.support.factories import NOON, done, todo, write_context

DAY = timedelta(days=1)
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
DUES = INSTANTS.map(lambda at: at.date().isoformat()) | INSTANTS.map(lambda at: at.isoformat().replace("+00:00", "Z"))
FROMS: st.SearchStrategy[Any] = st.sampled_from(["due", "done"])


@st.composite
def recurring(draw: st.DrawFn) -> Todo:
    """Draw an open to-do that recurs, within the rules."""
    due = draw(DUES)
    unit: Any = draw(st.sampled_from(["days", "weeks"] if is_date_only(due) else ["hours", "days", "weeks"]))
    waits = draw(st.none() | st.timedeltas(timedelta(0), timedelta(days=40)))
    return todo(
        due=due,
        recurrence=Recurrence(every=draw(st.integers(1, 100)), unit=unit, from_=draw(FROMS)),
        wait_until=None if waits is None else deadline(due) - waits,
        blocked_by=draw(st.sampled_from([(), ("a",)])),
    )


@given(recurring(), INSTANTS)
def test_the_next_one_lies_after_it_was_done_and_is_the_nearest_of_the_rhythm(one: Todo, at: datetime) -> None:
    following = next_occurrence(one, done(one, at))
    assert following is not None
    assert following.recurrence is not None
    old, new, interval = deadline_of(one), deadline_of(following), following.recurrence.interval
    assert old is not None
    assert new is not None
    assert new > at
    assert is_date_only(following.due or "") == is_date_only(one.due or "")
    if following.recurrence.from_ == "due":
        assert (new - old) % interval == timedelta(0)
        assert new - old >= interval
        assert new - interval <= at or new - interval == old
    else:
        assert at + interval <= new <= at + interval + DAY
    if one.wait_until is not None:
        assert following.wait_until == one.wait_until + (new - old)


@given(recurring(), INSTANTS)
def test_what_follows_breaks_no_rule_and_reads_as_it_was_written(one: Todo, at: datetime) -> None:
    following = next_occurrence(one, done(one, at))
    assert following is not None
    told = msgspec.to_builtins(to_body(following))
    assert msgspec.convert(told, TodoBody) == to_body(following)
    assert validate(msgspec.convert(told, TodoBody), at) == []
    assert msgspec.json.decode(msgspec.json.encode(following), type=Todo) == following


@given(recurring(), st.lists(st.tuples(st.booleans(), st.timedeltas(timedelta(0), DAY)), max_size=8))
def test_whatever_is_said_of_it_a_series_has_one_open_member(one: Todo, acts: list[tuple[bool, timedelta]]) -> None:
    kept, at = {one.id: one}, NOON
    for number, (says, later) in enumerate(acts):
        at += later
        for before in list(kept.values()):
            told = replace(to_body(before), done=says)
            if not validate_transition(before, told):
                after = update(before, told, write_context(at, id=f"{number} after {before.id}"))
                kept[before.id] = after
                if following := next_occurrence(before, after):
                    assert following.id == after.next
                    assert following.id not in kept
                    kept[following.id] = following
    assert sum(not each.done for each in kept.values()) == 1
    assert all(each.done == (each.next in kept) for each in kept.values())
