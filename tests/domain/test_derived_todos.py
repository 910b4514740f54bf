"""The chores that follow from a care card: when each appears, what it says, and that it is the same one for good."""

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
from api.domain.todos import TodoBody, is_overdue, to_body
from api.domain.weights import Alarm
from tests.support.factories import NOON, card, instant

LOSES = Alarm(code="adult-loses-too-much", detail="She has lost 12 %.")
TODAY = NOON.date()
TICK = timedelta(microseconds=1)


def code(id: str) -> str:
    """Return what a derived id says of its cause."""
    told = re.fullmatch(r"derived-([a-z-]+)-[0-9a-f]{16}", id)
    assert told is not None
    return told[1]


def codes(one: CareCard, at: str | datetime) -> list[str]:
    """Return the causes of her chores at an instant."""
    return [code(chore.id) for chore in derived_todos(one, instant(at) if isinstance(at, str) else at)]


@pytest.mark.parametrize(
    ("members", "before", "since", "expected"),
    [
        ({"vaccinations": (("flu", date(2026, 11, 25)),)}, "11-24T23:59:59", "11-25T00:00", "vaccination-due"),
        ({"weighed": instant("11-23T08:00"), "alarm": LOSES}, "11-23T07:59:59", "11-23T08:00", "weight-alarm"),
        ({}, "12-22T11:59:59", "12-22T12:00", "weigh"),
        ({"weighed": instant("11-23T08:00")}, "12-23T07:59:59", "12-23T08:00", "weigh"),
        ({"weighed": instant("10-01T08:00")}, "12-22T11:59:59", "12-22T12:00", "weigh"),
        ({"hold_until": date(2026, 11, 25)}, "11-24T23:59:59", "11-25T00:00", "hold-ended"),
    ],
)
def test_each_chore_appears_with_its_cause(members: dict[str, Any], before: str, since: str, expected: str) -> None:
    assert codes(card(**members), before) == []
    assert codes(card(**members), since) == [expected]
    assert next_visible_at(card(**members)) == instant(since)
    assert next_visible_at(card(**members, in_care=False)) is None
    assert codes(card(**members, in_care=False), since) == []


@pytest.mark.parametrize(
    ("members", "kind", "due", "title", "late"),
    [
        ({"vaccinations": (("tricat", TODAY),)}, "vet", "2026-11-22", "Vaccinate luna: tricat", False),
        ({"weighed": NOON, "alarm": LOSES}, "vet", "2026-11-22T12:00:00Z",
         "Take luna to the vet: adult-loses-too-much", True),
        ({"since": instant("10-23T12:00")}, "admin", "2026-11-22", "Weigh luna", False),
        ({"hold_until": TODAY}, "admin", "2026-11-22", "End the hold of luna", False),
    ],
)  # fmt: skip
def test_a_chore_says_what_when_and_for_whom(
    members: dict[str, Any], kind: str, due: str, title: str, late: bool
) -> None:
    (chore,) = derived_todos(card(**members), NOON)
    assert (chore.kind, chore.due, chore.title, chore.cat) == (kind, due, title, "luna")
    assert (chore.by, chore.version, chore.done, chore.assignee) == ("clowder", 1, False, None)
    assert chore.notes
    assert is_overdue(chore, NOON) == late
    assert chore.created == chore.updated <= NOON


def test_the_notes_say_what_the_alarm_says() -> None:
    (chore,) = derived_todos(card(weighed=NOON, alarm=LOSES), NOON)
    assert (chore.notes or "").startswith(LOSES.detail)


def test_a_day_is_a_day_in_utc() -> None:
    (chore,) = derived_todos(card(since=datetime.fromisoformat("2026-10-24T00:30:00+02:00")), NOON + timedelta(days=1))
    assert chore.due == "2026-11-22"


def test_the_records_of_an_old_cat_give_dues_that_may_be() -> None:
    old = datetime(1999, 12, 31, tzinfo=UTC)
    causes = {"vaccinations": (("flu", date.min),), "hold_until": old.date(), "weighed": old, "alarm": LOSES}
    found = derived_todos(card(since=old - timedelta(days=99), **causes), NOON)
    assert [chore.due for chore in found] == ["2000-01-01", "2000-01-01T00:00:00Z", "2000-01-30", "2000-01-01"]
    for chore in found:
        msgspec.convert(msgspec.to_builtins(to_body(chore)), TodoBody)


def test_each_cause_has_an_id_of_its_own_that_stays() -> None:
    shots = (("a", TODAY), ("b", TODAY))
    full = card(vaccinations=shots, hold_until=TODAY, weighed=NOON - timedelta(days=40), alarm=LOSES)
    now = [chore.id for chore in derived_todos(full, NOON + timedelta(days=40))]
    assert len(set(now)) == 5
    later = replace(full, vaccinations=(("b", TODAY - timedelta(days=9)),), weighed=NOON - timedelta(days=35))
    assert {chore.id for chore in derived_todos(later, NOON + timedelta(days=40))} == set(now) - {now[0]}
    other = {chore.id for chore in derived_todos(replace(full, uid="v"), NOON + timedelta(days=40))}
    assert other.isdisjoint(now)
    assert derived_todos(card(hold_until=TODAY), NOON)[0].id == "derived-hold-ended-0bfe935e70c321c7"


@pytest.mark.parametrize(("id", "derived"), [("derived-weigh-0", True), ("t1", False), ("underived-1", False)])
def test_a_derived_chore_is_known_by_its_id(id: str, derived: bool) -> None:
    assert is_derived(id) == derived
    assert all(is_derived(chore.id) for chore in derived_todos(card(since=instant("01-01T00:00")), NOON))


DAYS = st.dates(date(2026, 9, 1), date(2027, 2, 1))
INSTANTS = st.datetimes(datetime(2026, 9, 1), datetime(2027, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def cards(draw: st.DrawFn) -> CareCard:
    """Draw any card."""
    kinds = draw(st.lists(st.sampled_from(["flu", "rabies", "tricat"]), unique=True))
    return card(
        since=draw(INSTANTS),
        in_care=draw(st.sampled_from([True, True, True, False])),
        vaccinations=tuple((kind, draw(DAYS)) for kind in kinds),
        hold_until=draw(st.none() | DAYS),
        weighed=draw(st.none() | INSTANTS),
        alarm=draw(st.sampled_from([None, LOSES])),
    )


@given(cards(), INSTANTS)
def test_she_has_chores_if_and_only_if_she_has_woken(one: CareCard, now: datetime) -> None:
    at = next_visible_at(one)
    assert bool(derived_todos(one, now)) == (at is not None and at <= now)
    assert (at is None) == (not one.in_care)
    if at is not None:
        assert derived_todos(one, at)
        assert not derived_todos(one, at - TICK)


@given(cards(), INSTANTS, st.timedeltas(timedelta(0), timedelta(days=99)))
def test_without_a_change_a_chore_stays_as_it_is(one: CareCard, now: datetime, later: timedelta) -> None:
    after = derived_todos(one, now + later)
    assert all(chore in after for chore in derived_todos(one, now))
    assert len({chore.id for chore in after}) == len(after)
