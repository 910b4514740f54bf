"""Names: normalisation, valid characters, sort order; and ids."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain import names
from api.domain.errors import FieldError


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
        ("a\u2018b", "found U+2018"),
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
    error = names.name_error(name)
    assert error
    assert detail in error.detail


@pytest.mark.parametrize(
    ("name", "normalised"),
    [("Zoe\u0308", "Zo\u00eb"), ("  luna ", "luna"), ("\u212b", "\u00c5"), ("luna\n", "luna\n"), ("\u2126", "\u03a9"),
     ("O\u2019Malley", "O'Malley"), (" " * 900 + "luna", "luna")],
)  # fmt: skip
def test_normalise_returns_nfc_without_surrounding_spaces(name: str, normalised: str) -> None:
    assert names.normalise(name) == normalised


@pytest.mark.parametrize(
    ("first", "second"),
    [("straße", "STRASSE"), ("straße", "strasse"), ("ſtaff", "staff"), ("ﬁgo", "figo"), ("ＡＤＡ", "ada"), ("ς", "Σ"),
     ("Zoe\u0308", "ZO\u00cb"), ("①", "1"), ("ﾀﾞ", "ダ"), ("ᾳ", "ΑΙ"), ("Ǆ", "ǆ"), ("O\u2019Neill", "o'neill")],
)  # fmt: skip
def test_fold_ignores_case_width_and_style(first: str, second: str) -> None:
    assert names.fold(first) == names.fold(f" {second}")


@pytest.mark.parametrize("text", ["\ufdfa" * 64, "\U0001d160" * 256, "a" + "\u0315\u0300" * 2_000, "\U00020000" * 999])
def test_normalised_text_fits_into_a_key_of_dynamodb(text: str) -> None:
    for name in (names.normalise(text), names.fold(text)):
        assert len(name) <= names.MAX_RAW_LENGTH + 1
        assert len(name.encode()) < 2000
    assert names.name_error(names.fold(text))


def test_fold_is_idempotent_for_every_character() -> None:
    for character in map(chr, (*range(0xD800), *range(0xE000, 0x110000))):
        folded = names.fold(character)
        assert folded == character or names.fold(folded) == folded
        assert unicodedata.is_normalized("NFKC", folded)


def test_ignorable_characters_are_invalid_in_every_name_and_title() -> None:
    ranges = ((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
              (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F),
              (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A),
              (0xE0000, 0xE0FFF))  # fmt: skip
    ignorable = {chr(code) for low, high in ranges for code in range(low, high + 1)}
    assert {chr(code) for code in range(0x110000) if names.IGNORABLE.match(chr(code))} == ignorable
    for character in ignorable:
        for name in (names.normalise(f"lu{character}na"), names.fold(f"lu{character}na")):
            assert "found U+" in str(names.name_error(name)), hex(ord(character))
        detail = f"title must not have invisible characters; found U+{ord(character):04X}."
        assert names.text_error(f"Lu{character}na", "title") == FieldError("invalid_character", detail)
        assert names.text_error(f" {character}\u2800\t", "title") == FieldError("required", "Title cannot be blank!")


@pytest.mark.parametrize(
    "text", ["❤\ufe0f", "Luna 👩\u200d⚕\ufe0f", "1\ufe0f\u20e3", "👍🏽", "x", "Zoe\u0308", "ok\x07"]
)
def test_emoji_and_visible_text_are_valid_in_a_title(text: str) -> None:
    assert names.text_error(text, "title") is None


@pytest.mark.parametrize("text", ["a\ufe0f", "a\u200db", "❤\u200d", "\u200d❤", "❤\ufe0f\ufe0f", "❤\u200b"])
def test_parts_of_emoji_are_invalid_elsewhere(text: str) -> None:
    assert "invisible" in str(names.text_error(text, "title"))


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
