"""Cats: creation, updates, versions and the stored fields."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.cat_fields import Breed, Colors, Location, Sociability, SpecialNeeds
from api.domain.cats import Cat, CreateCat, ReplaceCat, create, is_public, to_body, update, validate
from api.domain.entity import WriteContext, next_version
from tests.support.factories import NOON, make_cat

CONTEXT = WriteContext("u1", "ada", NOON)
SERVER_FIELDS = {"name", "uid", "created", "updated", "version"}
DIFFERENT: dict[str, Any] = {
    "sex": "female",
    "birthDate": "2024-05-01",
    "birthDateExact": True,
    "breed": {"primary": "Persian"},
    "colors": {"primary": "black"},
    "pattern": "tabby",
    "coat": "long",
    "altered": "yes",
    "alteredOn": "2025-01-01",
    "microchips": [{"number": "276098106234567"}],
    "fiv": "negative",
    "felv": "positive",
    "testedOn": "2025-01-01",
    "vaccinations": [{"type": "rabies"}],
    "goodWith": {"cats": "yes"},
    "specialNeeds": {"has": True},
    "bondedWith": ["bo"],
    "status": "available",
    "location": {"area": "attic"},
    "adoptionFee": {"amount": 100, "currency": "EUR"},
    "description": "Shy.",
    "staffNotes": "Bites.",
    "holdUntil": "2026-12-24",
}
"""Every field that a client may write, with a value other than its default."""
SCALARS = {name: value for name, value in DIFFERENT.items() if not isinstance(value, dict | list)}


def make_body(**fields: Any) -> ReplaceCat:
    """Return a request body, from fields named as in JSON."""
    return msgspec.convert(fields, ReplaceCat)


def stored(cat: Cat) -> dict[str, Any]:
    """Return a cat as JSON, as it is stored."""
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(cat))
    return document


def test_create_returns_version_1_with_status_intake() -> None:
    luna = create(make_body(sex="female"), "luna", CONTEXT)
    assert luna == Cat(name="luna", uid="u1", created=NOON, updated=NOON, version=1, sex="female")
    assert luna.status == "intake"
    assert not is_public(luna)


def test_name_in_the_body_is_ignored() -> None:
    assert create(make_body(name="luna"), "bo", CONTEXT).name == "bo"
    assert update(make_cat("luna"), make_body(name="bo"), CONTEXT).name == "luna"


def test_this_module_covers_every_writable_field() -> None:
    assert DIFFERENT.keys() | {"name"} == set(ReplaceCat.__struct_encode_fields__)
    default = msgspec.to_builtins(ReplaceCat())
    assert all(default[field] != value for field, value in DIFFERENT.items())


@pytest.mark.parametrize("field", DIFFERENT)
def test_only_non_default_fields_are_stored(field: str) -> None:
    luna = create(make_body(**{field: DIFFERENT[field]}), "luna", CONTEXT)
    assert stored(luna).keys() == SERVER_FIELDS | {field}
    assert msgspec.json.decode(msgspec.json.encode(luna), type=Cat) == luna


def test_defaults_that_are_sent_are_not_stored() -> None:
    defaults = msgspec.to_builtins(ReplaceCat())
    assert stored(create(make_body(**defaults), "luna", CONTEXT)).keys() == SERVER_FIELDS
    empty_structs: dict[str, Any] = {
        "breed": Breed(), "colors": Colors(), "good_with": Sociability(), "special_needs": SpecialNeeds(),
        "location": Location(),
    }  # fmt: skip
    assert stored(create(ReplaceCat(**empty_structs), "luna", CONTEXT)).keys() == SERVER_FIELDS
    assert (
        stored(update(create(make_body(**DIFFERENT), "luna", CONTEXT), make_body(**defaults), CONTEXT)).keys()
        == SERVER_FIELDS
    )


def test_update_replaces_every_writable_field() -> None:
    before = create(make_body(**DIFFERENT), "luna", CONTEXT)
    after = update(before, make_body(pattern="spotted"), WriteContext("u2", "ada", NOON + timedelta(hours=1)))
    assert after == Cat(
        name="luna", uid="u1", created=NOON, updated=NOON + timedelta(hours=1), version=2, pattern="spotted"
    )


def test_update_preserves_hidden_bonds() -> None:
    before = make_cat("luna", hidden_bonds=("bo",), bonded_with=("bo",))
    assert update(before, make_body(bondedWith=["bo"]), CONTEXT).hidden_bonds == ("bo",)


@pytest.mark.parametrize("minutes", [-100_000, -1, 0, 1, 100_000])
def test_version_and_updated_increase_even_when_the_clock_goes_back(minutes: int) -> None:
    luna = create(make_body(), "luna", CONTEXT)
    now = NOON + timedelta(minutes=minutes)
    for _ in range(3):
        after = update(luna, to_body(luna), WriteContext("u2", "ada", now))
        assert after.version == luna.version + 1
        assert after.updated > luna.updated
        assert after.updated >= now
        assert (after.created, after.uid) == (luna.created, luna.uid)
        luna = after


@given(st.lists(st.integers(-(10**9), 10**9), max_size=8))
def test_updated_strictly_increases_for_any_clock(clock: list[int]) -> None:
    versions = [make_cat()]
    for seconds in clock:
        now = NOON + timedelta(seconds=seconds)
        versions.append(msgspec.structs.replace(versions[-1], **next_version(versions[-1], now)))
    assert [cat.version for cat in versions] == list(range(1, len(clock) + 2))
    times = [cat.updated for cat in versions]
    assert times == sorted(set(times))


def test_update_with_to_body_changes_no_field() -> None:
    luna = create(make_body(**DIFFERENT), "luna", CONTEXT)
    after = update(luna, to_body(luna), CONTEXT)
    assert msgspec.structs.replace(after, version=1, updated=NOON) == luna
    assert {name: msgspec.to_builtins(to_body(luna))[name] for name in SCALARS} == SCALARS


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        (["bo", " bo ", "bo"], ("bo",)),
        (["Zoe\u0308", "Zo\u00eb"], ("Zo\u00eb",)),
        (["dot", "bo", "ada"], ("dot", "bo", "ada")),
    ],
)
def test_bonds_are_normalised_and_deduplicated_in_the_order_sent(sent: list[str], stored: tuple[str, ...]) -> None:
    assert create(make_body(bondedWith=sent), "luna", CONTEXT).bonded_with == stored
    assert update(make_cat(), make_body(bondedWith=sent), CONTEXT).bonded_with == stored


def test_error_of_an_invalid_name_in_bonded_with_has_its_index() -> None:
    errors = validate(CreateCat(name="luna", bonded_with=("bo", "a/b", "..")), NOON, UTC)
    assert [error.pointer for error in errors] == ["/bondedWith/1", "/bondedWith/2"]
    assert "U+002F" in errors[0].detail
