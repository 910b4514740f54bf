"""Timestamp keys sort by time, and key ranges begin after a position."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from api.store.keys import KeyRange, log_range, timestamp_key, unmarshal

TIMES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(TIMES, TIMES)
def test_timestamp_keys_sort_by_time(first: datetime, second: datetime) -> None:
    assert (timestamp_key(first) < timestamp_key(second)) == (first < second)
    assert len(timestamp_key(first)) == len(timestamp_key(second)) == 27


def test_timestamp_key_is_in_utc() -> None:
    at = datetime(2026, 5, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp_key(at) == timestamp_key(at.astimezone(UTC)) == "2026-05-01T10:00:00.000000Z"
    assert timestamp_key(datetime(500, 1, 1, tzinfo=UTC)) == "0500-01-01T00:00:00.000000Z"


def test_key_range_after_a_position_in_either_direction() -> None:
    forward = KeyRange("list-by_name", "cats#public", "a", "m")
    assert forward.starting_at(None) is forward
    assert (forward.starting_at("c").low, forward.starting_at("c").high) == ("c", "m")
    assert (forward.starting_at("0").low, forward.starting_at("z").low) == ("a", "z")
    backward = KeyRange("list-by_time", "cats#public", "a", "m", reverse=True)
    assert (backward.starting_at("c").low, backward.starting_at("c").high) == ("a", "c")
    assert backward.starting_at("z").high == "m"


def test_log_range_has_the_entries_of_one_log_only() -> None:
    history = log_range("cats", "luna", "history", until="2026")
    assert history.reverse
    assert history.low < "history#2025" < history.high
    assert history.low < "history#2026-12" < history.high < "history#2027"
    assert not history.low < "record" < history.high
    assert not history.low < "weights#u#2026" < history.high


def test_unmarshal_leaves_out_types_and_numbers_that_this_release_does_not_write() -> None:
    known = {"text": {"S": "7"}, "empty": {"S": ""}, "zero": {"N": "0"}, "negative": {"N": "-12"}}
    others = {"fraction": {"N": "1.5"}, "flag": {"BOOL": True}, "null": {"NULL": True}, "map": {"M": {}}}
    assert unmarshal(known) == unmarshal(known | others) == {"text": "7", "empty": "", "zero": 0, "negative": -12}
