"""A form is text alone: what is sound of it is no fault because something else is."""

from __future__ import annotations

from typing import Any

import pytest

from api.domain.cats import CatBody
from api.domain.errors import ValidationFailed
from api.domain.weights import NewWeighing
from api.http.validation import convert, convert_partial


def told(data: dict[str, Any], struct: type[Any], *, text: bool) -> list[str | None]:
    """Return where the faults are."""
    return [fault.pointer for fault in convert_partial(data, struct, text=text)[1]]


def test_a_number_and_a_yes_as_text_are_sound_in_a_form_beside_a_fault() -> None:
    data = {"birthDateExact": "true", "sex": "dragon", "birthDate": "2026-05-01"}
    assert told(data, CatBody, text=True) == ["/sex"]
    assert told(data, CatBody, text=False) == ["/birthDateExact", "/sex"]
    assert convert_partial(data, CatBody, text=True)[0].birth_date_exact is True


@pytest.mark.parametrize("grams", ["0", "30001", "3.5", "1e3x", "", "x"])
def test_a_text_that_says_no_such_number_is_a_fault(grams: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        convert({"grams": grams}, NewWeighing, text=True)
    assert [fault.pointer for fault in caught.value.faults] == ["/grams"]


def test_a_number_as_text_is_one_in_a_form_alone() -> None:
    assert convert({"grams": "3500"}, NewWeighing, text=True).grams == 3500
    assert told({"grams": "3500"}, NewWeighing, text=False) == ["/grams"]
    assert told({"grams": True}, NewWeighing, text=False) == ["/grams"]
