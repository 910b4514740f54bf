"""Pies: validation of allergens, diets and prices, versions, views, and whether a pie is sold out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.entity import WriteContext
from api.domain.money import Money
from api.domain.pies import (
    ALLERGENS,
    DIETS,
    Pie,
    PieView,
    ReplacePie,
    build_filter,
    sold_out,
    to_body,
    to_view,
    update,
    validate,
)
from tests.support.factories import NOON, make_pie, make_pie_body

LATER = WriteContext("n2", "bob", NOON + timedelta(days=1))
SERVER_FIELDS = {"name", "publicName", "created", "updated", "version"}
COMPLETE_BODY: dict[str, Any] = {
    "publicName": "Grandmother's",
    "rate": {"amount": 450, "currency": "EUR"},
    "description": "Warm.",
    "allergens": ["gluten"],
    "diets": ["vegan", "halal"],
    "available": False,
    "soldOutUntil": "2026-12-24T18:00:00Z",
}
"""Every field that a client may write, without the name, with a value other than its default."""


def as_json(struct: Pie | ReplacePie | PieView) -> dict[str, Any]:
    """Return a pie as JSON, as it is stored or sent."""
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(struct))
    return document


def error_pointers(**fields: Any) -> list[str | None]:
    """Return the pointers of the errors of a body."""
    return [error.pointer for error in validate(make_pie_body(**fields))]


def test_create_returns_version_1() -> None:
    assert make_pie() == Pie(name="apple", public_name="apple", created=NOON, updated=NOON, version=1)


def test_this_module_covers_every_writable_field() -> None:
    assert COMPLETE_BODY.keys() | {"name"} == set(ReplacePie.__struct_encode_fields__)
    default = msgspec.to_builtins(ReplacePie())
    assert all(default[field] != value for field, value in COMPLETE_BODY.items())


@pytest.mark.parametrize("field", COMPLETE_BODY)
def test_only_non_default_fields_are_stored(field: str) -> None:
    apple = make_pie(**{field: COMPLETE_BODY[field]})
    assert as_json(apple).keys() == SERVER_FIELDS | {field}
    assert as_json(apple)[field] == COMPLETE_BODY[field]
    assert msgspec.json.decode(msgspec.json.encode(apple), type=Pie) == apple


def test_defaults_that_are_sent_are_not_stored() -> None:
    defaults = msgspec.to_builtins(ReplacePie())
    assert as_json(make_pie(**defaults)).keys() == SERVER_FIELDS
    assert as_json(update(make_pie(**COMPLETE_BODY), make_pie_body(**defaults), LATER)).keys() == SERVER_FIELDS


def test_no_allergens_differs_from_undeclared_allergens() -> None:
    assert make_pie().allergens is None
    allergen_free = make_pie(allergens=[])
    assert allergen_free.allergens == ()
    assert as_json(allergen_free)["allergens"] == []
    assert msgspec.json.decode(msgspec.json.encode(allergen_free), type=Pie).allergens == ()


def test_there_are_14_allergens_and_7_diets() -> None:
    assert len(set(ALLERGENS)) == 14
    assert len(set(DIETS)) == 7
    assert error_pointers(allergens=ALLERGENS, diets=["halal", "kosher"]) == []


@pytest.mark.parametrize(
    ("sent", "rate"),
    [
        (None, None),
        (0, Money(0, "GBP")),
        (450, Money(450, "GBP")),
        (1_000_000_000, Money(1_000_000_000, "GBP")),
        ({"amount": 450, "currency": "EUR"}, Money(450, "EUR")),
    ],
)
def test_rate_as_a_number_is_in_pence(sent: Any, rate: Money | None) -> None:
    assert make_pie(rate=sent).rate == rate
    assert update(make_pie(rate=1), make_pie_body(rate=sent), LATER).rate == rate


@pytest.mark.parametrize(
    "fields",
    [
        {"rate": -1},
        {"rate": 1_000_000_001},
        {"rate": 4.5},
        {"rate": True},
        {"rate": "450"},
        {"rate": {"amount": 1}},
        {"rate": {"amount": 1, "currency": "XXX"}},
        {"allergens": ["coriander"]},
        {"allergens": [None]},
        {"diets": ["paleo"]},
        {"diets": None},
        {"publicName": ""},
        {"publicName": "x" * 65},
        {"available": None},
        {"soldOutUntil": "2026-12-24T18:00:00"},
        {"soldOut": True},
    ],
)
def test_malformed_body_is_rejected(fields: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        make_pie_body(**fields)


EXCLUDED_ALLERGENS: dict[str, list[str]] = {
    "vegan": ["crustaceans", "eggs", "fish", "milk", "molluscs"],
    "vegetarian": ["crustaceans", "fish", "molluscs"],
    "glutenFree": ["gluten"],
    "dairyFree": ["milk"],
    "nutFree": ["nuts", "peanuts"],
    "halal": [],
    "kosher": [],
}


@pytest.mark.parametrize("diet", DIETS)
def test_diet_with_an_allergen_that_it_excludes_is_rejected(diet: str) -> None:
    for allergen in ALLERGENS:
        errors = ["/diets/0"] if allergen in EXCLUDED_ALLERGENS[diet] else []
        assert error_pointers(diets=[diet], allergens=[allergen]) == errors
    assert error_pointers(diets=[diet]) == error_pointers(diets=[diet], allergens=[]) == []


def test_error_of_a_diet_names_all_its_allergens() -> None:
    errors = validate(
        make_pie_body(diets=["halal", "vegan", "glutenFree", "dairyFree"], allergens=["milk", "fish", "nuts"])
    )
    assert [(error.pointer, error.detail) for error in errors] == [
        ("/diets/1", "The diet vegan does not allow milk or fish."),
        ("/diets/3", "The diet dairyFree does not allow milk."),
    ]


def test_duplicate_allergen_is_named_once_in_the_error_of_a_diet() -> None:
    errors = validate(make_pie_body(diets=["vegan"], allergens=["milk", "milk"]))
    assert [error.detail for error in errors] == [
        "milk is listed twice.",
        "The diet vegan does not allow milk.",
    ]


def test_error_of_a_duplicate_has_the_index_of_the_duplicate() -> None:
    errors = validate(make_pie_body(diets=["halal", "kosher", "halal"], allergens=["milk", "eggs", "eggs", "milk"]))
    assert [(error.pointer, error.detail) for error in errors] == [
        ("/allergens/2", "eggs is listed twice."),
        ("/allergens/3", "milk is listed twice."),
        ("/diets/2", "halal is listed twice."),
    ]


@pytest.mark.parametrize(
    ("sold_out_until", "errors"),
    [
        ("1999-12-31T23:59:59Z", ["/soldOutUntil"]),
        ("2000-01-01T00:00:00Z", []),
        ("2000-01-01T00:00:00+00:01", ["/soldOutUntil"]),
        ("1999-12-31T23:59:59-00:01", []),
        ("2100-12-31T23:59:59Z", []),
        ("2100-12-31T23:59:59-00:01", ["/soldOutUntil"]),
        ("2101-01-01T00:00:00+00:01", []),
        ("2101-01-01T00:00:00Z", ["/soldOutUntil"]),
        ("0001-01-01T00:00:00+14:00", ["/soldOutUntil"]),
        ("9999-12-31T23:59:59-14:00", ["/soldOutUntil"]),
    ],
)
def test_sold_out_until_is_in_the_years_2000_to_2100(sold_out_until: str, errors: list[str]) -> None:
    assert error_pointers(soldOutUntil=sold_out_until) == errors


def test_malformed_name_is_not_validated_again() -> None:
    assert validate(msgspec.structs.replace(make_pie_body(), name=msgspec.UNSET)) == []


def test_update_replaces_every_writable_field() -> None:
    after = update(make_pie(**COMPLETE_BODY), make_pie_body(description="Cold."), LATER)
    assert after == Pie(
        name="apple", public_name="apple", description="Cold.", created=NOON, updated=LATER.at, version=2
    )


def test_update_with_to_body_changes_no_field() -> None:
    before = make_pie(**COMPLETE_BODY)
    after = update(before, to_body(before), LATER)
    assert msgspec.structs.replace(after, version=1, updated=NOON) == before
    document = as_json(to_body(before))
    assert document == COMPLETE_BODY | {"name": "apple"}
    assert msgspec.convert(document, ReplacePie) == to_body(before)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=8))
def test_updated_strictly_increases_for_any_clock(clock: list[int]) -> None:
    versions = [make_pie()]
    for seconds in clock:
        versions.append(
            update(versions[-1], make_pie_body(), WriteContext("n2", "ada", NOON + timedelta(seconds=seconds)))
        )
    assert [pie.version for pie in versions] == list(range(1, len(clock) + 2))
    times = [pie.updated for pie in versions]
    assert times == sorted(set(times))


@pytest.mark.parametrize(
    ("fields", "seconds", "expected"),
    [
        ({}, 0, False),
        ({"available": False}, 0, True),
        ({"soldOutUntil": "2026-11-22T12:00:00Z"}, -1, True),
        ({"soldOutUntil": "2026-11-22T12:00:00Z"}, 0, False),
        ({"soldOutUntil": "2026-11-22T12:00:00Z"}, 1, False),
        ({"soldOutUntil": "2026-11-22T12:00:00Z", "available": False}, 1, True),
    ],
)
def test_pie_is_sold_out_while_unavailable_or_before_sold_out_until(
    fields: dict[str, Any], seconds: int, expected: bool
) -> None:
    now = NOON + timedelta(seconds=seconds)
    assert sold_out(make_pie(**fields), now) is expected
    assert to_view(make_pie(**fields), now).sold_out is expected
    assert (build_filter({"available": True}, now) or bool)(make_pie(**fields)) is not expected


def test_sold_out_until_is_stored_in_utc() -> None:
    sold_out_until = make_pie(soldOutUntil="2026-12-24T18:00:00+01:00").sold_out_until
    assert sold_out_until is not None
    assert (sold_out_until, sold_out_until.tzinfo) == (datetime(2026, 12, 24, 17, tzinfo=UTC), UTC)
    other_zone = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=-5)))
    assert update(make_pie(), ReplacePie(sold_out_until=other_zone), LATER).sold_out_until == other_zone


def test_view_has_every_stored_field_and_sold_out() -> None:
    view = as_json(to_view(make_pie(**COMPLETE_BODY), NOON))
    assert view == as_json(make_pie(**COMPLETE_BODY)) | {"soldOut": True, "photos": []}
    assert as_json(to_view(make_pie(), NOON)).keys() == view.keys()
    assert as_json(to_view(make_pie(), NOON))["allergens"] is None
