"""ETags: make_etag, and parse_etags for If-Match and If-None-Match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.preconditions import GZIP_SUFFIX, make_etag, parse_etags


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ('"a"', [(False, "a")]),
        ('W/"a", "b" ,"c"', [(True, "a"), (False, "b"), (False, "c")]),
        ('""', [(False, "")]),
        ('"a,b"', [(False, "a,b")]),
        ('w/"a"', []),
        ('"a"-', []),
        (' , "a",, W/"b" ,', [(False, "a"), (True, "b")]),
        ('"a" "b"', []),
        ('*, "a"', []),
        (",", []),
        ("a", []),
        ("", []),
        ('"a b"', []),
        ('"a', []),
    ],
)
def test_parse_etags_returns_weak_and_strong_tags(header: str, tags: list[tuple[bool, str]]) -> None:
    assert parse_etags(header) == tags


@given(
    st.binary(max_size=20),
    st.binary(max_size=20),
    st.sampled_from(["", GZIP_SUFFIX]),
    st.sampled_from(["", GZIP_SUFFIX]),
)
def test_etags_are_equal_only_for_the_same_representation(
    body: bytes, other_body: bytes, coding: str, other_coding: str
) -> None:
    same = (body, coding) == (other_body, other_coding)
    assert (make_etag("rev", body, coding) == make_etag("rev", other_body, other_coding)) == same
    assert make_etag("rev", body) != make_etag("ver", body)
    assert make_etag(None, body) != make_etag("rev", body)


@given(st.binary(max_size=20), st.none() | st.text("abcXYZ019-_", min_size=1, max_size=16))
def test_etag_can_be_parsed_and_begins_with_the_rev(body: bytes, rev: str | None) -> None:
    etag = make_etag(rev, body, GZIP_SUFFIX)
    assert parse_etags(f'W/"{etag}"') == [(True, etag)]
    if rev is not None:
        assert etag.partition(".")[0] == rev
