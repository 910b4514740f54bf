"""Conversion of JSON and form data to structs: all errors at once, each with its JSON pointer (RFC 6901)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import UNSET, Meta

from api.domain.cats import ReplaceCat
from api.domain.entity import TIMESTAMP_EXPECTED, ApiStruct
from api.domain.errors import ValidationFailed
from api.domain.weights import CreateWeight
from api.http.validation import MAX_ERRORS, convert, convert_partial


class Bell(ApiStruct, frozen=True):
    """A nested struct."""

    tone: Annotated[int, Meta(ge=1, le=9)]
    loud: bool = False


class Collar(ApiStruct, frozen=True, kw_only=True):
    """A struct with every type of field that a body can have."""

    label: Annotated[str, Meta(min_length=1, max_length=5)]
    colour: Literal["red", "blue"] | None = None
    bought_on: date | None = None
    seen: Annotated[datetime, Meta(tz=True)] | None = None
    bells: Annotated[tuple[Bell, ...], Meta(max_length=4)] = ()
    bell: Bell | None = None
    words: tuple[Annotated[str, Meta(max_length=2)], ...] = ()
    price: float = 0.0


class Event(ApiStruct, frozen=True):
    """A struct with a time."""

    at: Annotated[datetime, Meta(tz=True)] | None = None


class Diary(ApiStruct, frozen=True):
    """A struct with times at several depths."""

    events: tuple[Event, ...] = ()
    times: tuple[Annotated[datetime, Meta(tz=True)], ...] = ()
    note: str = ""


def errors(data: dict[str, Any], struct: type[Any] = Collar, *, text: bool = False) -> dict[str | None, str]:
    """Return the details of the errors of some data by pointer. Each pointer has one error."""
    with pytest.raises(ValidationFailed) as caught:
        convert(data, struct, text=text)
    details = {error.pointer: error.detail for error in caught.value.errors}
    assert len(details) == len(caught.value.errors)
    return details


def test_valid_data_is_converted_to_a_struct() -> None:
    collar = convert({"label": "a", "boughtOn": "2026-05-01", "bells": [{"tone": 3}], "bell": None}, Collar)
    assert collar == Collar(label="a", bought_on=date(2026, 5, 1), bells=(Bell(tone=3),))


def test_all_errors_are_returned_at_once_in_terms_of_json() -> None:
    assert errors({
        "colour": "green", "boughtOn": "May", "seen": "2026-05-01T12:00:00", "wings": 2, "price": "1",
        "bells": [{"tone": 10, "loud": 1}, 7, {}, {"tone": True}], "bell": {"tone": "3", "pitch": 0},
        "words": ["ab", "abc", 3],
    }) == {
        "/label": "Label cannot be blank!",
        "/colour": "colour must be one of red, blue or null.",
        "/boughtOn": "boughtOn must be a date such as 2026-11-30 or null.",
        "/seen": f"seen must be {TIMESTAMP_EXPECTED} or null.",
        "/wings": "Unknown member.",
        "/price": "price must be a number.",
        "/bells/0/tone": "tone must be an integer from 1 to 9.",
        "/bells/0/loud": "loud must be true or false.",
        "/bells/1": "Each element of bells must be an object.",
        "/bells/2/tone": "tone is required.",
        "/bells/3/tone": "tone must be an integer from 1 to 9.",
        "/bell/tone": "tone must be an integer from 1 to 9.",
        "/bell/pitch": "Unknown member.",
        "/words/1": "Each element of words must be a string of at most 2 characters.",
        "/words/2": "Each element of words must be a string of at most 2 characters.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "pointer"),
    [("a/b", "/a~1b"), ("a~b", "/a~0b"), ("~1", "/~01"), ("", "/"), ("é ", "/é "), ("0", "/0"), ('"\\', '/"\\')],
)
def test_pointer_escapes_special_characters(name: str, pointer: str) -> None:
    assert errors({"label": "a", name: 1}) == {pointer: "Unknown member."}


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("bells", {}, "/bells"),
        ("bells", None, "/bells"),
        ("bells", [{"tone": 1}] * 5, "/bells"),
        ("bell", [], "/bell"),
        ("bell", {}, "/bell/tone"),
        ("label", "", "/label"),
        ("label", None, "/label"),
        ("bought_on", "2026-05-01", "/bought_on"),
    ],
)
def test_error_has_the_pointer_of_the_field(field: str, value: Any, pointer: str) -> None:
    assert list(errors({"label": "a", field: value})) == [pointer]


def test_time_needs_a_t_at_every_depth() -> None:
    time, loose = "2026-05-01T12:00:00Z", "2026-05-01 12:00:00Z"
    valid = convert({"events": [{"at": time}], "times": [time, time.lower()], "note": loose}, Diary)
    assert (len(valid.times), valid.note) == (2, loose)
    found = errors({"events": [{"at": time}, {"at": loose}], "times": [loose]}, Diary)
    assert found.keys() == {"/events/1/at", "/times/0"}
    assert all("RFC 3339" in detail for detail in found.values())


@pytest.mark.parametrize("tone", ["1", "9", "9.0", "9e0", "0.9e1"])
def test_form_accepts_integers_and_booleans_as_written_in_json(tone: str) -> None:
    assert convert({"tone": tone, "loud": "true"}, Bell, text=True) == Bell(tone=int(float(tone)), loud=True)
    assert convert({"tone": tone, "loud": "on"}, Bell, text=True).loud is True
    assert convert({"label": "a", "price": tone}, Collar, text=True).price == float(tone)


@pytest.mark.parametrize(
    "tone", ["", " 1", "+1", "01", "1.", ".1", "1e", "0x1", "1_0", "NaN", "Infinity", "٣", "1.5", "x", "10", "9" * 500]
)
@pytest.mark.parametrize("loud", ["", "1", "yes", "True"])
def test_form_rejects_other_notations_of_integers_and_booleans(tone: str, loud: str) -> None:
    assert list(errors({"tone": tone, "loud": loud}, Bell, text=True)) == ["/tone", "/loud"]


@pytest.mark.parametrize("grams", ["0", "30001", "3.5", "1e3x", "", "x"])
def test_form_rejects_an_invalid_number(grams: str) -> None:
    assert list(errors({"grams": grams}, CreateWeight, text=True)) == ["/grams"]


def test_number_as_text_is_accepted_in_a_form_only() -> None:
    assert convert({"grams": "3500"}, CreateWeight, text=True).grams == 3500
    assert list(errors({"grams": "3500"}, CreateWeight)) == ["/grams"]
    assert list(errors({"grams": True}, CreateWeight)) == ["/grams"]


def test_form_fields_are_converted_although_another_field_is_invalid() -> None:
    data = {"birthDateExact": "true", "sex": "dragon", "birthDate": "2026-05-01"}
    valid_fields, found = convert_partial(data, ReplaceCat, text=True)
    assert [error.pointer for error in found] == ["/sex"]
    assert valid_fields.birth_date_exact is True
    assert list(errors(data, ReplaceCat)) == ["/birthDateExact", "/sex"]


def test_form_cannot_contain_an_object_or_a_list() -> None:
    assert list(errors({"label": "7", "bell": "1", "bells": "1"}, text=True)) == ["/bell", "/bells"]


def test_number_of_errors_is_limited() -> None:
    assert len(errors({"label": "a"} | {f"x{n}": n for n in range(MAX_ERRORS * 2)})) == MAX_ERRORS


def test_convert_partial_returns_the_valid_fields_and_the_errors() -> None:
    valid_fields, found = convert_partial({"colour": "red", "boughtOn": "May", "wings": 1}, Collar)
    assert [error.pointer for error in found] == ["/boughtOn", "/wings", "/label"]
    assert (valid_fields.colour, valid_fields.bought_on, valid_fields.label) == ("red", None, UNSET)
    assert convert_partial({"label": "a"}, Collar) == (Collar(label="a"), [])


def test_msgspec_alone_reports_only_the_first_error() -> None:
    """The reason for api.http.validation: without it, a response would have only one error."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"colour": "green", "price": "x"}, Collar)
    assert str(caught.value).count(" - at ") + str(caught.value).count("missing") == 1
