"""Cats: how one begins, what makes her next version, and how little of her is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain.cat_fields import Breed, Colors, Company, Location, SpecialNeeds
from api.domain.cats import Cat, CatBody, NewCat, create, is_public, to_body, update, validate
from api.domain.entity import WriteContext, next_version
from tests.support.factories import NOON, cat

STAMP = WriteContext("u1", "ada", NOON)
SERVERS = {"name", "uid", "created", "updated", "version"}
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
"""Every member that a client may write, with another value than its default."""
SIMPLE = {name: value for name, value in DIFFERENT.items() if not isinstance(value, dict | list)}


def body(**members: Any) -> CatBody:
    """Return what a client sends, made from JSON as it is when it comes over the wire."""
    return msgspec.convert(members, CatBody)


def kept(one: Cat) -> dict[str, Any]:
    """Return a cat as the table keeps her."""
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(one))
    return document


def test_a_new_cat_is_the_first_version_of_herself() -> None:
    luna = create(body(sex="female"), "luna", STAMP)
    assert luna == Cat(name="luna", uid="u1", created=NOON, updated=NOON, version=1, sex="female")
    assert luna.status == "intake"
    assert not is_public(luna)


def test_her_name_is_that_of_the_path_and_not_that_of_the_body() -> None:
    assert create(body(name="luna"), "bo", STAMP).name == "bo"
    assert update(cat("luna"), body(name="bo"), STAMP).name == "luna"


def test_every_member_that_may_be_written_is_tried_here() -> None:
    assert DIFFERENT.keys() | {"name"} == set(CatBody.__struct_encode_fields__)
    default = msgspec.to_builtins(CatBody())
    assert all(default[member] != value for member, value in DIFFERENT.items())


@pytest.mark.parametrize("member", DIFFERENT)
def test_only_what_differs_from_the_defaults_is_kept(member: str) -> None:
    one = create(body(**{member: DIFFERENT[member]}), "luna", STAMP)
    assert kept(one).keys() == SERVERS | {member}
    assert msgspec.json.decode(msgspec.json.encode(one), type=Cat) == one


def test_a_default_that_is_sent_is_not_kept() -> None:
    sent = msgspec.to_builtins(CatBody())
    assert kept(create(body(**sent), "luna", STAMP)).keys() == SERVERS
    parts: dict[str, Any] = {
        "breed": Breed(), "colors": Colors(), "good_with": Company(), "special_needs": SpecialNeeds(),
        "location": Location(),
    }  # fmt: skip
    assert kept(create(CatBody(**parts), "luna", STAMP)).keys() == SERVERS
    assert kept(update(create(body(**DIFFERENT), "luna", STAMP), body(**sent), STAMP)).keys() == SERVERS


def test_a_replaced_cat_has_all_that_the_body_tells_and_nothing_else() -> None:
    before = create(body(**DIFFERENT), "luna", STAMP)
    after = update(before, body(pattern="spotted"), WriteContext("u2", "ada", NOON + timedelta(hours=1)))
    assert after == Cat(
        name="luna", uid="u1", created=NOON, updated=NOON + timedelta(hours=1), version=2, pattern="spotted"
    )


def test_what_no_client_may_write_stays_when_she_is_revised() -> None:
    before = cat("luna", hidden_bonds=("bo",), bonded_with=("bo",))
    assert update(before, body(bondedWith=["bo"]), STAMP).hidden_bonds == ("bo",)


@pytest.mark.parametrize("minutes", [-100_000, -1, 0, 1, 100_000])
def test_version_and_updated_rise_even_when_the_clock_goes_back(minutes: int) -> None:
    luna = create(body(), "luna", STAMP)
    now = NOON + timedelta(minutes=minutes)
    for _ in range(3):
        after = update(luna, to_body(luna), WriteContext("u2", "ada", now))
        assert after.version == luna.version + 1
        assert after.updated > luna.updated
        assert after.updated >= now
        assert (after.created, after.uid) == (luna.created, luna.uid)
        luna = after


@given(st.lists(st.integers(-(10**9), 10**9), max_size=8))
def test_no_two_versions_have_the_same_instant_whatever_the_clock_says(clock: list[int]) -> None:
    versions = [cat()]
    for seconds in clock:
        now = NOON + timedelta(seconds=seconds)
        versions.append(msgspec.structs.replace(versions[-1], **next_version(versions[-1], now)))
    assert [one.version for one in versions] == list(range(1, len(clock) + 2))
    instants = [one.updated for one in versions]
    assert instants == sorted(set(instants))


def test_what_may_be_written_of_her_written_again_changes_nothing() -> None:
    luna = create(body(**DIFFERENT), "luna", STAMP)
    again = update(luna, to_body(luna), STAMP)
    assert msgspec.structs.replace(again, version=1, updated=NOON) == luna
    assert {name: msgspec.to_builtins(to_body(luna))[name] for name in SIMPLE} == SIMPLE


@pytest.mark.parametrize(
    ("sent", "kept_as"),
    [
        (["bo", " bo ", "bo"], ("bo",)),
        (["Zoe\u0308", "Zo\u00eb"], ("Zo\u00eb",)),
        (["dot", "bo", "ada"], ("dot", "bo", "ada")),
    ],
)
def test_a_bond_has_one_spelling_and_stands_once_in_the_order_it_was_told(
    sent: list[str], kept_as: tuple[str, ...]
) -> None:
    assert create(body(bondedWith=sent), "luna", STAMP).bonded_with == kept_as
    assert update(cat(), body(bondedWith=sent), STAMP).bonded_with == kept_as


def test_a_bond_to_what_is_no_name_is_told_by_its_place() -> None:
    found = validate(NewCat(name="luna", bonded_with=("bo", "a/b", "..")), NOON)
    assert [fault.pointer for fault in found] == ["/bondedWith/1", "/bondedWith/2"]
    assert "U+002F" in found[0].detail
