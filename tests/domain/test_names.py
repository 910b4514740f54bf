"""Names: one spelling, a few characters, and none that no URL could carry."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain import names


@pytest.mark.parametrize(
    "name",
    [
        "luna",
        "Luna 2",
        "Mr. O'Neill-Smith",
        "Zoë",
        "Мурка",
        "たま",
        "猫",
        "नीला",
        "ψ",
        "٣",
        "7",
        "a.b",
        "x" * 64,
        "ß",
        "ﬁ",
    ],
)
def test_letters_and_digits_of_every_script_are_a_name(name: str) -> None:
    assert names.name_error(names.normalise(name)) is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "A name has 1 to 64 characters."),
        ("x" * 65, "A name has 1 to 64 characters."),
        ("a/b", "found U+002F"),
        ("a\nb", "found U+000A"),
        ("a\tb\x00", "found U+0000, U+0009"),
        ("a#b", "found U+0023"),
        ("a,b", "found U+002C"),
        ("a_b", "found U+005F"),
        ("a\u2019b", "found U+2019"),
        ("a\u00a0b", "found U+00A0"),
        ("a\u200db", "found U+200D"),
        ("a\u202eb", "found U+202E"),
        ("\ufffd", "found U+FFFD"),
        ("😺", "found U+1F63A"),
        ("½", "found U+00BD"),
        ("Ⅷ", "found U+2167"),
        (".", "at least one letter or digit"),
        ("..", "at least one letter or digit"),
        ("- '", "at least one letter or digit"),
        ("\u0301", "at least one letter or digit"),
    ],
)
def test_what_is_no_name_is_told_with_what_is_wrong(name: str, told: str) -> None:
    assert told in (names.name_error(name) or "")


@pytest.mark.parametrize(
    ("spelt", "one"),
    [("Zoe\u0308", "Zo\u00eb"), ("  luna ", "luna"), ("\u212b", "\u00c5"), ("luna\n", "luna\n"), ("\u2126", "\u03a9")],
)
def test_a_name_has_one_spelling(spelt: str, one: str) -> None:
    assert names.normalise(spelt) == one


@given(st.text(max_size=80))
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = names.normalise(text)
    assert names.normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)


@given(st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=20))
def test_any_letters_and_digits_are_a_name(text: str) -> None:
    assert names.name_error(names.normalise(text)) is None


@given(st.text(max_size=70))
def test_no_name_can_be_taken_for_something_else_in_a_url_or_a_key(text: str) -> None:
    name = names.normalise(text)
    if names.name_error(name) is None:
        assert not set(name) & set("/?#%\\\x00\n\r\t")
        assert name.strip(".") != ""
        assert 1 <= len(name) <= 64


@given(st.lists(st.text(st.characters(categories=("L", "Nd"), include_characters=" .'-"), min_size=1, max_size=6)))
def test_the_order_of_names_is_that_of_their_folded_spelling_and_keeps_them_apart(some: list[str]) -> None:
    unique = {names.normalise(name) for name in some}
    assert len({names.sort_key(name) for name in unique}) == len(unique)
    ordered = sorted(unique, key=names.sort_key)
    assert [name.casefold() for name in ordered] == sorted(name.casefold() for name in unique)


@pytest.mark.parametrize("text", ["a", "A-b_9", "x" * 64])
def test_an_id_is_url_safe_text(text: str) -> None:
    assert names.is_valid_id(text)


@pytest.mark.parametrize("text", ["", "x" * 65, "a b", "a.b", "a#b", "ë", "-", "_", "a\n", "٣", "a/b"])
def test_what_no_id_of_ours_could_be_is_none(text: str) -> None:
    assert not names.is_valid_id(text)
