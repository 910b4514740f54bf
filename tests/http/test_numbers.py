"""Numbers of JSON bodies: 4100.0 and 4.1e3 are integers, as in JSON Schema (2020-12, 6.1.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.support.app import TestApp


@pytest.mark.parametrize(
    ("number", "grams"),
    [
        ("4100.0", 4100), ("4.1e3", 4100), ("41E2", 4100), ("4100000e-3", 4100), ("4.10000e+3", 4100), ("1.5", None),
        ("1e400", None), ("-0.0", None), ("1e-400", None), ("1" + "0" * 400, None), ("1.0" + "0" * 400, None),
        ("true", None), ('"4100.0"', None), ("1e30", None),
    ],
)  # fmt: skip
def test_number_without_a_fraction_is_an_integer(cafe: TestApp, number: str, grams: int | None) -> None:
    cafe.staff.put("/cats/luna", {})
    headers = {"Content-Type": "application/json"}
    response = cafe.staff.send("POST", "/cats/luna/weights", headers, data=f'{{"grams": {number}}}')
    assert (response.status_code in (400, 422)) == (grams is None)
    assert response.json.get("grams") == grams
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    in_form = cafe.staff.send("POST", "/cats/luna/weights", form, data=urlencode({"grams": number}))
    assert (in_form.status_code, in_form.json.get("grams")) == (422 if grams is None else 201, grams)


@pytest.mark.parametrize(
    ("path", "body", "expected"),
    [
        ("/pies", '{"name": "apple", "rate": 450.0}', {"rate": {"amount": 450, "currency": "GBP"}}),
        (
            "/cats",
            '{"name": "luna", "adoptionFee": {"amount": 1.8e4, "currency": "EUR"}}',
            {"adoptionFee": {"amount": 18000, "currency": "EUR"}},
        ),
        (
            "/todos",
            '{"title": "x", "due": "2026-11-30", "recurrence": {"every": 1.0, "unit": "days"}}',
            {"recurrence": {"every": 1, "unit": "days", "from": "due"}},
        ),
    ],
)
def test_every_integer_may_have_a_fraction_of_zero(
    cafe: TestApp, path: str, body: str, expected: dict[str, Any]
) -> None:
    response = cafe.staff.send("POST", path, {"Content-Type": "application/json"}, data=body)
    assert response.status_code == 201
    assert {name: response.json[name] for name in expected} == expected


def test_large_number_is_parsed_exactly() -> None:
    from api.http.request_body import _float

    assert [_float(text) for text in ("9007199254740993.0", "9007199254740993e0")] == [9007199254740993] * 2
    assert isinstance(_float("9007199254740993.5"), float)
