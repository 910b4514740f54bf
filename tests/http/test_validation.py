"""From plain data to a struct: every fault at once, each with its pointer (RFC 6901)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import UNSET, Meta

from api.domain.entity import ApiStruct
from api.domain.errors import ValidationFailed
from api.http.validation import MAX_ERRORS, convert, convert_partial


class Bell(ApiStruct, frozen=True):
    """A part of a collar."""

    tone: Annotated[int, Meta(ge=1, le=9)]
    loud: bool = False


class Collar(ApiStruct, frozen=True, kw_only=True):
    """A struct with all that a body can have."""

    label: Annotated[str, Meta(min_length=1, max_length=5)]
    colour: Literal["red", "blue"] | None = None
    bought_on: date | None = None
    seen: Annotated[datetime, Meta(tz=True)] | None = None
    bells: Annotated[tuple[Bell, ...], Meta(max_length=3)] = ()
    bell: Bell | None = None
    words: tuple[Annotated[str, Meta(max_length=2)], ...] = ()
    price: float = 0.0


def told(data: dict[str, Any], *, text: bool = False) -> dict[str | None, str]:
    """Return the faults of some data by their pointers."""
    with pytest.raises(ValidationFailed) as caught:
        convert(data, Collar, text=text)
    return {fault.pointer: fault.detail for fault in caught.value.faults}


def test_what_is_right_becomes_a_struct() -> None:
    made = convert({"label": "a", "boughtOn": "2026-05-01", "bells": [{"tone": 3}], "bell": None}, Collar)
    assert made == Collar(label="a", bought_on=date(2026, 5, 1), bells=(Bell(tone=3),))


def test_all_faults_are_told_at_once_with_words_of_json() -> None:
    assert told({
        "colour": "green", "boughtOn": "May", "seen": "2026-05-01T12:00:00", "wings": 2, "price": "1",
        "bells": [{"tone": 10, "loud": 1}, 7, {}, {"tone": True}], "bell": {"tone": "3", "pitch": 0},
        "words": ["ab", "abc", 3],
    }) == {
        "/label": "Label cannot be blank!",
        "/colour": "Invalid enum value 'green'.",
        "/boughtOn": "Invalid RFC3339 encoded date.",
        "/seen": "Expected 'datetime' with a timezone component.",
        "/wings": "There is no such member.",
        "/price": "Expected a number, got a string.",
        "/bells/0/tone": "Expected an integer <= 9.",
        "/bells/0/loud": "Expected true or false, got an integer.",
        "/bells/1": "Expected an object, got an integer.",
        "/bells/2/tone": "Tone cannot be blank!",
        "/bells/3/tone": "Expected an integer, got true or false.",
        "/bell/tone": "Expected an integer, got a string.",
        "/bell/pitch": "There is no such member.",
        "/words/1": "Expected a string of length <= 2.",
        "/words/2": "Expected a string, got an integer.",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "pointer"),
    [("a/b", "/a~1b"), ("a~b", "/a~0b"), ("~1", "/~01"), ("", "/"), ("é ", "/é "), ("0", "/0"), ('"\\', '/"\\')],
)
def test_a_pointer_escapes_what_has_a_meaning_in_it(name: str, pointer: str) -> None:
    assert told({"label": "a", name: 1}) == {pointer: "There is no such member."}


@pytest.mark.parametrize(
    ("member", "value", "pointer"),
    [
        ("bells", {}, "/bells"),
        ("bells", None, "/bells"),
        ("bells", [{"tone": 1}] * 4, "/bells"),
        ("bell", [], "/bell"),
        ("bell", {}, "/bell/tone"),
        ("label", "", "/label"),
        ("label", None, "/label"),
        ("bought_on", "2026-05-01", "/bought_on"),
    ],
)
def test_a_fault_points_to_the_member_that_has_it(member: str, value: Any, pointer: str) -> None:
    assert list(told({"label": "a", member: value})) == [pointer]


@pytest.mark.parametrize("tone", ["1", "9"])
def test_in_a_form_a_number_and_a_yes_are_written_as_in_json(tone: str) -> None:
    assert convert({"tone": tone, "loud": "true"}, Bell, text=True) == Bell(tone=int(tone), loud=True)


@pytest.mark.parametrize("tone", ["", " 1", "+1", "01", "1.0", "1e0", "٣", "x", "10"])
@pytest.mark.parametrize("loud", ["", "1", "yes", "True"])
def test_in_a_form_they_are_written_in_no_other_way(tone: str, loud: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        convert({"tone": tone, "loud": loud}, Bell, text=True)
    assert [fault.pointer for fault in caught.value.faults] == ["/tone", "/loud"]


def test_a_form_says_no_object_and_no_list() -> None:
    assert list(told({"label": "7", "bell": "1", "bells": "1"}, text=True)) == ["/bell", "/bells"]


def test_faults_beyond_all_reason_are_not_told() -> None:
    assert len(told({"label": "a"} | {f"x{n}": n for n in range(MAX_ERRORS * 2)})) == MAX_ERRORS


def test_what_is_sound_of_a_faulty_body_can_be_asked_for_more() -> None:
    sound, found = convert_partial({"colour": "red", "boughtOn": "May", "wings": 1}, Collar)
    assert [fault.pointer for fault in found] == ["/boughtOn", "/wings", "/label"]
    assert (sound.colour, sound.bought_on, sound.label) == ("red", None, UNSET)
    assert convert_partial({"label": "a"}, Collar) == (Collar(label="a"), [])


def test_msgspec_itself_tells_one_fault_only() -> None:
    """Why there is a module for it. Broken variant of the tests above: what they would see without it."""
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"colour": "green", "price": "x"}, Collar)
    assert str(caught.value).count(" - at ") + str(caught.value).count("missing") == 1
