"""The texts of forms as people write them: numbers, prices, weights, days, times, hours, chips and colours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.domain.weights import Weight
from api.web.forms.field import Field, Kind
from api.web.forms.values import NONE, parse_value
from api.web.forms.weights import question

BERLIN = ZoneInfo("Europe/Berlin")
CLOCK = "2026-11-28T18:30:00+01:00"
DAY = "2026-11-28"


def parse(kind: Kind, *texts: str) -> tuple[Any, str]:
    """Return the JSON value of texts, and the message of their error."""
    none = "None of these" if kind == "checkboxes" else ""
    value, errors = parse_value(Field(name="field", label="Field", kind=kind, none=none), texts, BERLIN)
    return value, " ".join(error.detail for error in errors)


def hours(*spans: str) -> list[dict[str, str]]:
    """Return opening hours as JSON."""
    return [dict(zip(("opens", "closes"), span.split("-"), strict=True)) for span in spans]


VALUES: dict[Kind, dict[str, Any]] = {
    "number": {
        "12": 12, "4.2": 4.2, "4,2": 4.2, "1,000.50": 1000.5, "1.000,50": 1000.5, "1 000,50": 1000.5, "-3": -3,
        "1'000": 1000, "1\u00a0000.5": 1000.5, "1,000,000": 1_000_000, "0,125": 0.125, "1000.125": 1000.125,
    },
    "grams": {
        "4210": 4210, "4210 g": 4210, "4.21 kg": 4210, "4,2KG": 4200, "95": 95, "0.095 kg": 95, "30 g": 30,
        "4 210": 4210, "4,210": 4210, "4.210 g": 4210, "4,215 kg": 4215, "4.2 kilos": 4200, "640 grams": 640,
    },
    "money": {
        "4": ("GBP", 400), "4.50": ("GBP", 450), "4,5": ("GBP", 450), "€4": ("EUR", 400), "4 eur": ("EUR", 400),
        "1,000.50": ("GBP", 100_050), "1.000,50 €": ("EUR", 100_050), "$1 200": ("USD", 120_000),
        "1.250 KWD": ("KWD", 1250), "500 JPY": ("JPY", 500), "CHF 1'250.00": ("CHF", 125_000),
    },
    "date": dict.fromkeys(
        (
            DAY, "2026/11/28", "28.11.2026", "28/11/2026", "11/28/2026", "28-11-2026", "28 November 2026",
            "28 nov 2026", "28th Nov. 2026", "28. November 2026", "November 28, 2026", "Nov 28th 2026",
        ),
        DAY,
    ) | {"3.4.2026": "2026-04-03", "4/4/2026": "2026-04-04", "2 Sept 2026": "2026-09-02"},
    "datetime": dict.fromkeys(
        (
            "2026-11-28T18:30", "2026-11-28 18:30", "2026-11-28T17:30Z", "28.11.2026 18.30", "28.11.2026, 6:30 pm",
            "28 November 2026 at 6:30pm", "Nov 28, 2026 18h30",
        ),
        CLOCK,
    ) | {"2026-11-28T17:30Z": "2026-11-28T17:30:00+00:00", "28 Nov 2026": "2026-11-28T00:00:00+01:00"},
    "hours": {
        "9:00-12:00, 14:00-18:00": hours("09:00-12:00", "14:00-18:00"), "9-17": hours("09:00-17:00"),
        "9am-5pm": hours("09:00-17:00"), "9 a.m. – 5 p.m.": hours("09:00-17:00"), "9-5pm": hours("09:00-17:00"),
        "09.00–17.00": hours("09:00-17:00"), "9—12; 14—18": hours("09:00-12:00", "14:00-18:00"),
        "9 to 12 and 2pm until 6pm": hours("09:00-12:00", "14:00-18:00"), "18-24": hours("18:00-23:59"),
        "6pm-12am": hours("18:00-23:59"), "Closed": [], "": [],
    },
    "chip": {
        "977 200 008 123 456": "977200008123456", "977200008123456": "977200008123456", "ab-12.3456c": "AB123456C",
    },
    "color": {"9a4310": "#9a4310", "#9A4310": "#9A4310", "a41": "#a41"},
    "cats": {text: ["milo", "inky"] for text in ("milo, inky", "milo; inky", "milo\ninky", " milo ,; inky;")},
}  # fmt: skip
MISREAD: dict[Kind, dict[str, str]] = {
    "number": {
        "often": "Write a number", "1,000": "Write 1000, or 1.00.", "1.234": "can be read in two ways",
        "1.000,500.2": "Write a number", "1,00,000": "Write a number", "1e3": "Write a number",
        "1 00": "Write a number", "²": "Write a number",
    },
    "grams": dict.fromkeys(
        ("4", "4.2", "39", "4.2 g", "four", "-4210", "4.2100 kg", "kg", "1e3", "42 10"), "or the unit"
    ),
    "money": {
        "cheap": "Write a price", "1,000": "Write 1000, or 1.00.", "1.000 EUR": "Write 1000, or 1.00.",
        "1,250 KWD": "Write 1250, or 1.25.", "4.505": "can be read in two ways", "0.505": "at most 2 digits",
        "£4 EUR": "Write a price", "-4": "Write a price", "4.50.": "Write a price",
    },
    "date": {
        "3/4/2026": "Write 2026-04-03 or 2026-03-04.", "3-4-2026": "can be read in two ways",
        "tomorrow": "Write a day such as", "30 February 2026": "Write a day", "31.4.2026": "Write a day",
        "28 Brumaire 2026": "Write a day", "28.11.26": "Write a day", "13/13/2026": "Write a day",
    },
    "datetime": {
        "soon": "Write a day and a time", "3/4/2026 18:30": "can be read in two ways",
        "2026-11-28 25:00": "day and a time",
    },
    "hours": {
        "nine to five": "Write hours such as", "9-": "Write hours", "13pm-5pm": "Write hours", "1-5pm": "am or pm",
        "9am-5": "am or pm", "9-25": "Write hours",
    },
    "chip": {"977 200": "15 digits", "97720000812345X": "15 digits"},
    "color": {"red": "six digits", "##a41": "six digits", "a4": "six digits"},
}  # fmt: skip


@pytest.mark.parametrize("kind", VALUES)
def test_a_field_takes_what_people_write(kind: Kind) -> None:
    wanted = VALUES[kind]
    if kind == "money":
        wanted = {text: {"amount": amount, "currency": currency} for text, (currency, amount) in wanted.items()}
    assert {text: parse(kind, text) for text in wanted} == {text: (value, "") for text, value in wanted.items()}


@pytest.mark.parametrize("kind", MISREAD)
def test_a_field_refuses_what_it_cannot_read_or_can_read_in_two_ways(kind: Kind) -> None:
    for text, expected in MISREAD[kind].items():
        value, message = parse(kind, text)
        assert value is None, text
        assert expected in message, text


def test_a_due_time_has_a_day_and_a_clock_in_any_notation() -> None:
    assert parse("due", "28.11.2026", "6.30 pm") == parse("due", DAY, "18:30") == ("2026-11-28T17:30:00Z", "")
    assert parse("due", "28 Nov 2026", "") == (DAY, "")
    assert "Choose the day" in parse("due", "", "8:00")[1]
    assert "can be read in two ways" in parse("due", "3/4/2026", "8:00")[1]
    assert "Write a time" in parse("due", DAY, "eight")[1]


def test_none_of_the_choices_and_one_of_them_are_refused() -> None:
    assert parse("checkboxes", NONE) == ([], "")
    assert parse("checkboxes", "milk") == (["milk"], "")
    for texts in ((NONE, "milk"), ("milk", NONE)):
        assert parse("checkboxes", *texts) == (None, "Choose “None of these”, or the others, but not both.")


@pytest.mark.parametrize(
    ("grams", "born", "before", "asked"),
    [
        (100, "2023-01-01", (4210,), "98 % less than the last weight, 4.21 kg"),
        (2105, "2023-01-01", (4210,), None),
        (2000, None, (4210,), "52 % less"),
        (6400, "2023-01-01", (4210,), "1.5 times the last weight"),
        (6300, "2023-01-01", (4210,), None),
        (900, "2026-08-01", (400,), None),
        (4000, "2026-08-01", (400,), "10 times the last weight, 400 g"),
        (4000, "2023-01-01", (400, 4100), None),
        (100, "2023-01-01", (), "100 g is unusual for a grown cat"),
        (100, "2026-08-01", (), None),
        (100, None, (), None),
    ],
)
def test_a_weight_that_is_far_from_the_last_one_needs_a_question(
    grams: int, born: str | None, before: tuple[int, ...], asked: str | None
) -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    weighings = [
        Weight("id", weight, now - timedelta(days=len(before) - index), None, "ada", now)
        for index, weight in enumerate(before)
    ]
    later = Weight("id", 1, now + timedelta(days=1), None, "ada", now)
    text = question(grams, now, date.fromisoformat(born) if born else None, [later, *reversed(weighings)])
    assert text is None if asked is None else text is not None and asked in text
