"""The site: opening hours, colours and texts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from api.domain.entity import WriteContext
from api.domain.site import DEFAULT, ReplaceSite, update, validate
from api.http.validation import convert_partial

WRITE = WriteContext("id", "uid", datetime(2026, 11, 22, 12, 0, tzinfo=UTC))


def make_body(**members: Any) -> ReplaceSite:
    """Return a body from JSON members."""
    return msgspec.convert(members, ReplaceSite)


def spans(*texts: str) -> list[dict[str, str]]:
    """Return the spans of texts: ``09:00-12:00``."""
    return [dict(zip(("opens", "closes"), text.split("-"), strict=True)) for text in texts]


def errors(**members: Any) -> list[tuple[str | None, str]]:
    """Return the pointer and the code of each error."""
    return [(error.pointer, error.code) for error in validate(make_body(**members))]


@pytest.mark.parametrize(
    "texts", [(), ("00:00-23:59",), ("09:00-12:00", "12:00-18:00"), ("14:00-18:00", "09:00-12:00"), ("23:58-23:59",)]
)
def test_valid_spans(texts: tuple[str, ...]) -> None:
    assert errors(openingHours={"monday": spans(*texts)}) == []


@pytest.mark.parametrize(
    ("texts", "pointer"),
    [
        (("12:00-12:00",), "0/closes"),
        (("18:00-02:00",), "0/closes"),
        (("09:00-12:00", "11:59-13:00"), "1"),
        (("11:59-13:00", "09:00-12:00"), "0"),
        (("09:00-18:00", "10:00-11:00"), "1"),
        (("09:00-18:00", "09:00-18:00"), "1"),
        (("09:00-18:00", "10:00-11:00", "17:00-19:00"), "1 2"),
    ],
)
def test_spans_that_end_before_they_begin_or_overlap(texts: tuple[str, ...], pointer: str) -> None:
    found = errors(openingHours={"sunday": spans(*texts)})
    assert found == [(f"/openingHours/sunday/{each}", "contradiction") for each in pointer.split()]


@pytest.mark.parametrize(
    "time", ["9:00", "24:00", "12:60", "12:00:00", "12.00", " 12:00", "12:00\n", "1２:00", "", "noon", 900, None]
)
def test_times_have_hours_and_minutes(time: Any) -> None:
    data = {"openingHours": {"monday": [{"opens": time, "closes": "23:00"}]}}
    body, found = convert_partial(data, ReplaceSite)
    assert [error.pointer for error in (*found, *validate(body))] == ["/openingHours/monday/0/opens"]


@pytest.mark.parametrize("color", ["#000000", "#ffffff", "#FFFF00", "#fff", "#A41"])
def test_colours_of_three_and_six_digits(color: str) -> None:
    digits = color.removeprefix("#").lower()
    six = digits if len(digits) == 6 else "".join(digit * 2 for digit in digits)
    assert update(DEFAULT, make_body(accentColor=color), WRITE).accent_color == f"#{six}"


@pytest.mark.parametrize(
    "color",
    [
        "red", "transparent", "currentcolor", "fff", "#ff", "#ffff", "#fffff", "#ff00ff80", "#ggg", "#fff ", " #fff",
        "#fff\n", "#fff;", "#fff}body{display:none", "rgb(0,0,0)", "var(--text)", "url(//evil.example)", "#fff/**/",
        "expression(alert(1))", "＃fff", "#\u0661\u0662\u0663", "", 123, ["#fff"],
    ],
)  # fmt: skip
def test_other_colours_are_refused(color: Any) -> None:
    body, found = convert_partial({"accentColor": color}, ReplaceSite)
    (error,) = (*found, *validate(body))
    assert error.pointer == "/accentColor"
    assert len(str(color)) > 7 or isinstance(color, int) or "such as #a41 or #9a4310" in error.detail


@pytest.mark.parametrize("name", ["Comic Sans MS", "serif; } body { display: none", "Arial, x", "url(x)", ""])
def test_fonts_and_themes_are_those_of_the_lists(name: str) -> None:
    _, found = convert_partial({"theme": name, "fontStack": name}, ReplaceSite)
    assert {error.pointer for error in found} == {"/theme", "/fontStack"}


@pytest.mark.parametrize("text", [" ", "\u200b", "\u2800", "a\nb", "a\u202eb", "a\x00b"])
def test_lines_are_visible_and_have_no_control_characters(text: str) -> None:
    body, found = convert_partial(
        {"address": ["7 Lantern Lane", text], "tagline": text, "openingHoursNote": text}, ReplaceSite
    )
    assert {error.pointer for error in (*found, *validate(body))} == {"/address/1", "/tagline", "/openingHoursNote"}


@pytest.mark.parametrize("telephone", ["+44 117 496 0123", "(0117) 496-0123", "0117.496.0123", "01174960123"])
def test_telephone_numbers(telephone: str) -> None:
    assert make_body(telephone=telephone).telephone == telephone


@pytest.mark.parametrize("telephone", ["call me", "+", "12", "javascript:alert(1)", "0117\n496", "0117;ext=1"])
def test_other_telephone_numbers_are_refused(telephone: str) -> None:
    assert errors(telephone=telephone) == [("/telephone", "invalid_format")]


def test_spans_of_a_day_are_stored_in_order_and_versions_count_from_1() -> None:
    first = update(DEFAULT, make_body(openingHours={"monday": spans("14:00-18:00", "09:00-12:00")}), WRITE)
    assert [span.opens for span in first.opening_hours.monday] == ["09:00", "14:00"]
    assert (first.version, first.updated) == (1, WRITE.at)
    second = update(first, make_body(), WRITE)
    assert (second.version, second.opening_hours) == (2, DEFAULT.opening_hours)
