"""Entity tags: how they are made, and how headers that name them are read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.preconditions import GZIP, make_etag, parse_etags


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ('"a"', [(False, "a")]),
        ('W/"a", "b" ,"c"', [(True, "a"), (False, "b"), (False, "c")]),
        ('""', [(False, "")]),
        ('"a,b"', [(False, "a,b")]),
        ('w/"a"', []),
        ('"a"-', []),
        ('"a" "b"', [(False, "a"), (False, "b")]),
        ("a", []),
        ("", []),
        ('"a b"', []),
        ('"a', []),
    ],
)
def test_a_header_is_a_list_of_tags_weak_or_strong(header: str, read: list[tuple[bool, str]]) -> None:
    assert parse_etags(header) == read


@given(st.binary(max_size=20), st.binary(max_size=20), st.sampled_from(["", GZIP]), st.sampled_from(["", GZIP]))
def test_two_representations_share_a_tag_only_if_they_are_the_same(
    one: bytes, other: bytes, coding: str, another: str
) -> None:
    assert (make_etag("rev", one, coding) == make_etag("rev", other, another)) == ((one, coding) == (other, another))
    assert make_etag("rev", one) != make_etag("ver", one)
    assert make_etag(None, one) != make_etag("rev", one)


@given(st.binary(max_size=20), st.none() | st.text("abcXYZ019-_", min_size=1, max_size=16))
def test_what_is_made_can_be_read_back(body: bytes, rev: str | None) -> None:
    made = make_etag(rev, body, GZIP)
    assert parse_etags(f'W/"{made}"') == [(True, made)]
    if rev is not None:
        assert made.partition(".")[0] == rev
