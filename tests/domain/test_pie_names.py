"""Names of pies: they may contain an ampersand, and a pie without a public name is shown under its name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain import names
from api.domain.errors import FieldError
from api.domain.pies import CreatePie, ReplacePie, create, name_error, to_body, update
from tests.support.factories import make_pie, make_pie_body, make_write_context


@pytest.mark.parametrize("name", ["Apple & Blackberry", "M&M", "Zoë's", "7", "A&", "&1"])
def test_name_of_a_pie_may_contain_an_ampersand(name: str) -> None:
    assert name_error(names.normalise(name)) is None


@pytest.mark.parametrize(
    ("name", "detail"),
    [
        ("a/b", "A name may only have letters, digits, space, '&', '.', '-' and \"'\"; found U+002F."),
        ("a&amp;", "found U+003B"),
        ("&", "at least one letter or digit"),
        (". & -", "at least one letter or digit"),
        ("", "1 to 64 characters"),
        ("&" * 65, "1 to 64 characters"),
    ],
)
def test_name_error_says_what_is_invalid(name: str, detail: str) -> None:
    error = name_error(names.normalise(name))
    assert error
    assert detail in error.detail


def test_other_names_must_not_contain_an_ampersand() -> None:
    detail = "A name may only have letters, digits, space, '.', '-' and \"'\"; found U+0026."
    assert names.name_error("M&M") == FieldError("invalid_character", detail)


@given(st.text(st.one_of(st.characters(), st.sampled_from("&/ .a"))))
def test_names_of_pies_differ_from_other_names_only_in_the_ampersand(text: str) -> None:
    name = names.normalise(text)
    assert (name_error(name) is None) == (names.name_error(name.replace("&", "-")) is None)


def test_name_is_required_in_a_post() -> None:
    with pytest.raises(msgspec.ValidationError, match="name"):
        msgspec.convert({}, CreatePie)


def test_name_in_the_body_is_ignored() -> None:
    assert create(make_pie_body(name="pear"), "apple", make_write_context()).name == "apple"
    assert update(make_pie(), make_pie_body(name="pear"), make_write_context()).name == "apple"


@pytest.mark.parametrize(
    ("sent", "public_name"),
    [
        ({}, "apple"),
        ({"name": "Apple"}, "Apple"),
        ({"name": "  Apple "}, "Apple"),
        ({"name": "Zoe\u0308" + " " * 100}, "Zo\u00eb"),
        ({"name": "Apple", "publicName": None}, "Apple"),
        ({"name": "Apple", "publicName": "Mum's"}, "Mum's"),
    ],
)
def test_public_name_defaults_to_the_name_in_the_body(sent: dict[str, Any], public_name: str) -> None:
    assert make_pie(**sent).public_name == public_name
    old = make_pie(publicName="Old")
    assert update(old, make_pie_body(**sent), make_write_context()).public_name == public_name


@pytest.mark.parametrize("name", ["  " * 60 + "a", "e\u0301" * 64, "x" * 64])
def test_default_public_name_can_be_sent_back(name: str) -> None:
    pie = create(make_pie_body(name=name), names.normalise(name), make_write_context())
    assert msgspec.convert(msgspec.to_builtins(to_body(pie)), ReplacePie).public_name == names.normalise(name)
