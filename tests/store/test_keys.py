"""Keys: instants as text whose order is their order in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from api.store.keys import KeyRange, log_range, timestamp_key

INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, INSTANTS)
def test_the_order_of_instants_as_text_is_their_order_in_time(one: datetime, other: datetime) -> None:
    assert (timestamp_key(one) < timestamp_key(other)) == (one < other)
    assert len(timestamp_key(one)) == len(timestamp_key(other)) == 27


def test_an_instant_is_that_of_utc_whatever_its_offset() -> None:
    at = datetime(2026, 5, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp_key(at) == timestamp_key(at.astimezone(UTC)) == "2026-05-01T10:00:00.000000Z"
    assert timestamp_key(datetime(500, 1, 1, tzinfo=UTC)) == "0500-01-01T00:00:00.000000Z"


def test_the_rest_of_a_run_begins_at_a_position_in_either_direction() -> None:
    run = KeyRange("list-by_name", "cats#public", "a", "m")
    assert run.after(None) is run
    assert (run.after("c").low, run.after("c").high) == ("c", "m")
    assert (run.after("0").low, run.after("z").low) == ("a", "z")
    back = KeyRange("list-by_time", "cats#public", "a", "m", reverse=True)
    assert (back.after("c").low, back.after("c").high) == ("a", "c")
    assert back.after("z").high == "m"


def test_the_entries_of_one_list_are_a_run_of_their_own() -> None:
    run = log_range("cats", "luna", "history", until="2026")
    assert run.reverse
    assert run.low < "history#2025" < run.high
    assert run.low < "history#2026-12" < run.high < "history#2027"
    assert not run.low < "record" < run.high
    assert not run.low < "weights#u#2026" < run.high
