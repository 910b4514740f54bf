"""Content negotiation: Accept and Accept-Encoding with ranges, weights, parameters and malformed values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.negotiation import accepts_gzip, choose, parse_accept, prefers_html, quality

JSON, HTML = "application/json", "text/html"


@pytest.mark.parametrize(
    ("header", "parsed"),
    [
        ("", []),
        (" , ,", []),
        ("text/html", [("text/html", 1.0)]),
        ("Text/HTML ; Q=0.5", [("text/html", 0.5)]),
        ("a/b;charset=utf-8;q=0.25, */*;q=0", [("a/b", 0.25), ("*/*", 0.0)]),
        ("a/b;q=5, c/d;q=-5, e/f;q=x, g/h;q=", [("a/b", 1.0), ("c/d", 0.0), ("e/f", 0.0), ("g/h", 0.0)]),
        ("gzip;q=1.000,br", [("gzip", 1.0), ("br", 1.0)]),
    ],
)
def test_parse_accept_returns_ranges_with_weights(header: str, parsed: list[tuple[str, float]]) -> None:
    assert list(parse_accept(header)) == parsed


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, 1.0),
        ("", 1.0),
        ("*/*;q=0.1", 0.1),
        ("application/*;q=0.2, */*;q=0.1", 0.2),
        ("application/json;q=0.3, application/*;q=0.9, */*", 0.3),
        ("application/json;q=0, */*", 0.0),
        ("text/html", 0.0),
        ("application/json;charset=utf-8", 1.0),
        ("application/json;q=0.1, application/json;q=0.7", 0.7),
    ],
)
def test_most_specific_range_determines_the_quality(header: str | None, expected: float) -> None:
    assert quality(header, JSON) == expected


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("text/html", HTML),
        ("text/html;q=0.5, application/json;q=0.5", JSON),
        ("text/html;q=0.6, application/json;q=0.5", HTML),
        ("text/*, application/json;q=0.9", HTML),
        ("image/png", None),
        ("*/*;q=0", None),
    ],
)
def test_choose_returns_the_first_type_of_the_best_quality(header: str | None, chosen: str | None) -> None:
    assert choose(header, (JSON, HTML)) == chosen


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False), ("", False), ("*/*", False), ("*/*;q=0.1", False), ("text/html", True),
        ("text/html, */*", False), ("text/*", True), ("text/*, */*;q=0.8", True), ("text/*, application/*", False),
        ("text/html;q=x", False), ("application/xhtml+xml", False), ("garbage", False), (";;,/", False),
        ("text/html, */*;q=0.8", True), ("application/xhtml+xml, text/html", True), ("text/html;q=0", False),
        ("text/html, application/problem+json", False), ("text/html, application/problem+json;q=0.5", True),
    ],
)  # fmt: skip
def test_html_is_preferred_only_if_named_with_the_highest_weight(header: str | None, expected: bool) -> None:
    assert prefers_html(header) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("*", True),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("x-gzip", False),
    ],
)
def test_gzip_is_accepted_only_if_named_with_a_weight(header: str | None, expected: bool) -> None:
    assert accepts_gzip(header) is expected


@given(st.text(max_size=60) | st.text("texhml/*;,q=0.1 -", max_size=60))
def test_any_header_can_be_parsed(header: str) -> None:
    assert choose(header, (JSON, HTML)) in (JSON, HTML, None)
    assert prefers_html(header) in (True, False)
    assert accepts_gzip(header) in (True, False)
