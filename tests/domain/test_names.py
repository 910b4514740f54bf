"""Names: normalisation, valid characters, sort order; and ids."""

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
def test_letters_and_digits_of_every_script_are_valid(name: str) -> None:
    assert names.name_error(names.normalise(name)) is None


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("", "A name must have 1 to 64 characters."),
        ("x" * 65, "A name must have 1 to 64 characters."),
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
def test_name_error_says_what_is_invalid(name: str, detail: str) -> None:
    assert detail in (names.name_error(name) or "")


@pytest.mark.parametrize(
    ("name", "normalised"),
    [("Zoe\u0308", "Zo\u00eb"), ("  luna ", "luna"), ("\u212b", "\u00c5"), ("luna\n", "luna\n"), ("\u2126", "\u03a9")],
)
def test_normalise_returns_nfc_without_surrounding_spaces(name: str, normalised: str) -> None:
    assert names.normalise(name) == normalised


@given(st.text(max_size=80))
def test_normalise_is_idempotent(text: str) -> None:
    name = names.normalise(text)
    assert names.normalise(name) == name
    assert unicodedata.is_normalized("NFC", name)


@given(st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=20))
def test_any_letters_and_digits_are_valid(text: str) -> None:
    assert names.name_error(names.normalise(text)) is None


@given(st.text(max_size=70))
def test_valid_name_is_safe_in_a_url_and_in_a_key(text: str) -> None:
    name = names.normalise(text)
    if names.name_error(name) is None:
        assert not set(name) & set("/?#%\\\x00\n\r\t")
        assert name.strip(".") != ""
        assert 1 <= len(name) <= 64


@given(st.lists(st.text(st.characters(categories=("L", "Nd"), include_characters=" .'-"), min_size=1, max_size=6)))
def test_sort_key_is_unique_and_sorts_by_the_casefolded_name(texts: list[str]) -> None:
    unique = {names.normalise(name) for name in texts}
    assert len({names.sort_key(name) for name in unique}) == len(unique)
    ordered = sorted(unique, key=names.sort_key)
    assert [name.casefold() for name in ordered] == sorted(name.casefold() for name in unique)


@pytest.mark.parametrize("text", ["a", "A-b_9", "x" * 64])
def test_url_safe_text_is_a_valid_id(text: str) -> None:
    assert names.is_valid_id(text)


@pytest.mark.parametrize("text", ["", "x" * 65, "a b", "a.b", "a#b", "ë", "-", "_", "a\n", "٣", "a/b"])
def test_is_valid_id_rejects_other_text(text: str) -> None:
    assert not names.is_valid_id(text)
