"""Pies: what may be written of one, what contradicts itself, whether there is any, and which a list asks for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.domain import names, pies
from api.domain.entity import WriteContext
from api.domain.money import Money
from api.domain.pies import (
    ALLERGENS,
    DIETS,
    FILTERS,
    NewPie,
    Pie,
    PieBody,
    PieView,
    build_filter,
    create,
    sold_out,
    to_body,
    to_view,
    update,
    validate,
)
from tests.support.factories import NOON

STAMP = WriteContext("n1", "ada", NOON)
LATER = WriteContext("n2", "bob", NOON + timedelta(days=1))
SERVERS = {"name", "publicName", "created", "updated", "version"}
DIFFERENT: dict[str, Any] = {
    "publicName": "Grandmother's",
    "rate": {"amount": 450, "currency": "EUR"},
    "description": "Warm.",
    "allergens": ["gluten"],
    "diets": ["vegan", "halal"],
    "available": False,
    "soldOutUntil": "2026-12-24T18:00:00Z",
}
"""Every member that a client may write besides the name, with another value than its default."""


def body(**members: Any) -> PieBody:
    """Return what a client sends, made from JSON as it is when it comes over the wire."""
    return msgspec.convert(members, PieBody)


def pie(**members: Any) -> Pie:
    """Return a pie as it is kept."""
    return create(body(**members), "apple", STAMP)


def kept(one: Pie | PieBody | PieView) -> dict[str, Any]:
    """Return a pie as the table keeps it, or as it goes over the wire."""
    document: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(one))
    return document


def pointers(**members: Any) -> list[str | None]:
    """Return where a body breaks a rule."""
    return [fault.pointer for fault in validate(body(**members), NOON)]


def passes(wanted: dict[str, Any], **members: Any) -> bool:
    """Say whether a pie with some members is among those that are wanted."""
    test = build_filter(wanted, NOON)
    assert test is not None
    return test(pie(**members))


def test_a_new_pie_is_the_first_version_of_itself() -> None:
    assert pie() == Pie(name="apple", public_name="apple", created=NOON, updated=NOON, version=1)


def test_every_member_that_may_be_written_is_tried_here() -> None:
    assert DIFFERENT.keys() | {"name"} == set(PieBody.__struct_encode_fields__)
    default = msgspec.to_builtins(PieBody())
    assert all(default[member] != value for member, value in DIFFERENT.items())


@pytest.mark.parametrize("member", DIFFERENT)
def test_only_what_differs_from_the_defaults_is_kept(member: str) -> None:
    one = pie(**{member: DIFFERENT[member]})
    assert kept(one).keys() == SERVERS | {member}
    assert kept(one)[member] == DIFFERENT[member]
    assert msgspec.json.decode(msgspec.json.encode(one), type=Pie) == one


def test_a_default_that_is_sent_is_not_kept() -> None:
    sent = msgspec.to_builtins(PieBody())
    assert kept(pie(**sent)).keys() == SERVERS
    assert kept(update(pie(**DIFFERENT), body(**sent), LATER)).keys() == SERVERS


def test_that_there_are_no_allergens_is_not_the_same_as_that_nobody_has_said() -> None:
    assert pie().allergens is None
    none = pie(allergens=[])
    assert none.allergens == ()
    assert kept(none)["allergens"] == []
    assert msgspec.json.decode(msgspec.json.encode(none), type=Pie).allergens == ()


def test_the_allergens_are_the_fourteen_of_the_law() -> None:
    assert len(set(ALLERGENS)) == 14
    assert len(set(DIETS)) == 7
    assert pointers(allergens=ALLERGENS, diets=["halal", "kosher"]) == []


# the name


@pytest.mark.parametrize("name", ["Apple & Blackberry", "M&M", "Zoë's", "7", "A&", "&1"])
def test_a_pie_is_called_as_anything_is_and_may_have_an_ampersand(name: str) -> None:
    assert pies.name_error(pies.normalise(name)) is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a/b", "A name has letters, digits, space, '&', '.', '-' and \"'\" only; found U+002F."),
        ("a&amp;", "found U+003B"),
        ("&", "at least one letter or digit"),
        (". & -", "at least one letter or digit"),
        ("", "1 to 64 characters"),
        ("&" * 65, "1 to 64 characters"),
    ],
)
def test_what_is_no_name_of_a_pie_is_told_with_what_is_wrong(name: str, told: str) -> None:
    assert told in (pies.name_error(pies.normalise(name)) or "")


def test_nothing_else_may_have_an_ampersand() -> None:
    assert names.name_error("M&M") == "A name has letters, digits, space, '.', '-' and \"'\" only; found U+0026."


@given(st.text(st.one_of(st.characters(), st.sampled_from("&/ .a"))))
def test_the_name_of_a_pie_is_a_name_but_for_its_ampersands(text: str) -> None:
    name = pies.normalise(text)
    assert (pies.name_error(name) is None) == (names.name_error(name.replace("&", "-")) is None)


def test_its_name_is_that_of_the_path_and_not_that_of_the_body() -> None:
    assert create(body(name="pear"), "apple", STAMP).name == "apple"
    assert update(pie(), body(name="pear"), LATER).name == "apple"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({}, "apple"),
        ({"name": "Apple"}, "Apple"),
        ({"name": "  Apple "}, "Apple"),
        ({"name": "Zoe\u0308" + " " * 100}, "Zo\u00eb"),
        ({"name": "Apple", "publicName": None}, "Apple"),
        ({"name": "Apple", "publicName": "Mum's"}, "Mum's"),
    ],
)
def test_a_pie_that_has_no_name_for_the_board_has_there_the_name_that_was_sent(
    sent: dict[str, Any], shown: str
) -> None:
    assert pie(**sent).public_name == shown
    assert update(pie(publicName="Old"), body(**sent), LATER).public_name == shown


@pytest.mark.parametrize("name", ["  " * 60 + "a", "e\u0301" * 64, "x" * 64])
def test_the_name_that_was_sent_can_be_sent_again_as_that_for_the_board(name: str) -> None:
    again = msgspec.to_builtins(to_body(create(body(name=name), pies.normalise(name), STAMP)))
    assert msgspec.convert(again, PieBody).public_name == pies.normalise(name)


# the rate


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
def test_a_rate_that_is_a_number_is_in_pence(sent: Any, rate: Money | None) -> None:
    assert pie(rate=sent).rate == rate
    assert update(pie(rate=1), body(rate=sent), LATER).rate == rate


@pytest.mark.parametrize(
    "members",
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
def test_a_body_of_another_form_is_refused(members: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        body(**members)


def test_a_new_pie_has_a_name() -> None:
    with pytest.raises(msgspec.ValidationError, match="name"):
        msgspec.convert({}, NewPie)


# what contradicts itself

CONTRADICTIONS: dict[str, list[str]] = {
    "vegan": ["crustaceans", "eggs", "fish", "milk", "molluscs"],
    "vegetarian": ["crustaceans", "fish", "molluscs"],
    "glutenFree": ["gluten"],
    "dairyFree": ["milk"],
    "nutFree": ["nuts", "peanuts"],
    "halal": [],
    "kosher": [],
}


@pytest.mark.parametrize("diet", DIETS)
def test_a_diet_contradicts_the_allergens_that_it_excludes_and_no_other(diet: str) -> None:
    for allergen in ALLERGENS:
        found = ["/diets/0"] if allergen in CONTRADICTIONS[diet] else []
        assert pointers(diets=[diet], allergens=[allergen]) == found
    assert pointers(diets=[diet]) == pointers(diets=[diet], allergens=[]) == []


def test_each_diet_that_is_contradicted_is_told_once_by_its_place_with_all_that_contradicts_it() -> None:
    found = validate(
        body(diets=["halal", "vegan", "glutenFree", "dairyFree"], allergens=["milk", "fish", "nuts"]), NOON
    )
    assert [(fault.pointer, fault.detail) for fault in found] == [
        ("/diets/1", "Nothing that is vegan contains milk or fish."),
        ("/diets/3", "Nothing that is dairyFree contains milk."),
    ]


def test_an_allergen_that_is_told_twice_contradicts_once() -> None:
    found = validate(body(diets=["vegan"], allergens=["milk", "milk"]), NOON)
    assert [fault.detail for fault in found] == ["milk is in the list already.", "Nothing that is vegan contains milk."]


def test_what_is_in_a_list_twice_is_told_by_the_place_of_the_second() -> None:
    found = validate(body(diets=["halal", "kosher", "halal"], allergens=["milk", "eggs", "eggs", "milk"]), NOON)
    assert [(fault.pointer, fault.detail) for fault in found] == [
        ("/allergens/2", "eggs is in the list already."),
        ("/allergens/3", "milk is in the list already."),
        ("/diets/2", "halal is in the list already."),
    ]


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("1999-12-31T23:59:59Z", ["/soldOutUntil"]),
        ("2000-01-01T00:00:00Z", []),
        ("2100-12-31T23:59:59-14:00", []),
        ("2101-01-01T00:00:00Z", ["/soldOutUntil"]),
        ("9999-12-31T23:59:59-14:00", ["/soldOutUntil"]),
    ],
)
def test_a_pie_is_sold_out_until_a_year_of_ours(at: str, found: list[str]) -> None:
    assert pointers(soldOutUntil=at) == found


def test_of_a_name_that_has_a_fault_already_nothing_more_is_said() -> None:
    assert validate(msgspec.structs.replace(body(), name=msgspec.UNSET), NOON) == []


# its versions and its looks


def test_a_replaced_pie_has_all_that_the_body_tells_and_nothing_else() -> None:
    after = update(pie(**DIFFERENT), body(description="Cold."), LATER)
    assert after == Pie(
        name="apple", public_name="apple", description="Cold.", created=NOON, updated=LATER.at, version=2
    )


def test_what_may_be_written_of_it_written_again_changes_nothing() -> None:
    one = pie(**DIFFERENT)
    again = update(one, to_body(one), LATER)
    assert msgspec.structs.replace(again, version=1, updated=NOON) == one
    told = kept(to_body(one))
    assert told == DIFFERENT | {"name": "apple"}
    assert msgspec.convert(told, PieBody) == to_body(one)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=8))
def test_no_two_versions_have_the_same_instant_whatever_the_clock_says(clock: list[int]) -> None:
    versions = [pie()]
    for seconds in clock:
        versions.append(update(versions[-1], body(), WriteContext("n2", "ada", NOON + timedelta(seconds=seconds))))
    assert [one.version for one in versions] == list(range(1, len(clock) + 2))
    instants = [one.updated for one in versions]
    assert instants == sorted(set(instants))


@pytest.mark.parametrize(
    ("members", "seconds", "out"),
    [
        ({}, 0, False),
        ({"available": False}, 0, True),
        ({"soldOutUntil": "2026-11-22T12:00:00Z"}, -1, True),
        ({"soldOutUntil": "2026-11-22T12:00:00Z"}, 0, False),
        ({"soldOutUntil": "2026-11-22T12:00:00Z"}, 1, False),
        ({"soldOutUntil": "2026-11-22T12:00:00Z", "available": False}, 1, True),
    ],
)
def test_a_pie_is_sold_out_if_it_is_not_available_or_not_yet_again(
    members: dict[str, Any], seconds: int, out: bool
) -> None:
    now = NOON + timedelta(seconds=seconds)
    assert sold_out(pie(**members), now) is out
    assert to_view(pie(**members), now).sold_out is out
    assert (build_filter({"available": True}, now) or bool)(pie(**members)) is not out


def test_an_instant_that_was_written_elsewhere_is_kept_in_utc() -> None:
    at = pie(soldOutUntil="2026-12-24T18:00:00+01:00").sold_out_until
    assert at is not None
    assert (at, at.tzinfo) == (datetime(2026, 12, 24, 17, tzinfo=UTC), UTC)
    west = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=-5)))
    assert update(pie(), PieBody(sold_out_until=west), LATER).sold_out_until == west


def test_a_pie_shows_all_that_is_kept_of_it_and_whether_there_is_any() -> None:
    shown = kept(to_view(pie(**DIFFERENT), NOON))
    assert shown == kept(pie(**DIFFERENT)) | {"soldOut": True}
    assert kept(to_view(pie(), NOON)).keys() == shown.keys()
    assert kept(to_view(pie(), NOON))["allergens"] is None


# which of them a list asks for


@pytest.mark.parametrize(
    ("wanted", "members", "passed"),
    [
        ({"diet": ("halal",)}, {"diets": ["kosher", "halal"]}, True),
        ({"diet": ("halal",)}, {}, False),
        ({"diet": ("halal", "kosher")}, {"diets": ["halal"]}, False),
        ({"diet": ("halal", "kosher")}, {"diets": ["kosher", "halal"]}, True),
        ({"diet": ("vegetarian",)}, {"diets": ["vegan"]}, True),
        ({"diet": ("vegetarian", "vegan")}, {"diets": ["vegan"]}, True),
        ({"diet": ("vegan",)}, {"diets": ["vegetarian"]}, False),
        ({"diet": ("dairyFree",)}, {"diets": ["vegan"]}, False),
        ({"withoutAllergen": ("milk",)}, {"allergens": []}, True),
        ({"withoutAllergen": ("milk",)}, {"allergens": ["eggs"]}, True),
        ({"withoutAllergen": ("milk",)}, {"allergens": ["eggs", "milk"]}, False),
        ({"withoutAllergen": ("milk", "eggs")}, {"allergens": ["eggs"]}, False),
        ({"withoutAllergen": ("milk",)}, {}, False),
        ({"withoutAllergen": ("milk",)}, {"diets": ["dairyFree"]}, False),
        ({"maxRate": 450}, {"rate": 450}, True),
        ({"maxRate": 450}, {"rate": 451}, False),
        ({"maxRate": 0}, {"rate": 0}, True),
        ({"maxRate": 450}, {"rate": {"amount": 450, "currency": "EUR"}}, True),
        ({"maxRate": 450}, {}, False),
        ({"available": True}, {}, True),
        ({"available": False}, {}, False),
        ({"available": True}, {"soldOutUntil": "2026-12-24T18:00:00Z"}, False),
        ({"available": False}, {"available": False}, True),
        ({"available": True, "maxRate": 1}, {"rate": 2}, False),
        ({"available": True, "maxRate": 2}, {"rate": 2}, True),
    ],
)
def test_a_pie_passes_if_every_filter_holds(wanted: dict[str, Any], members: dict[str, Any], passed: bool) -> None:
    assert passes(wanted, **members) is passed


@given(st.sets(st.sampled_from(DIETS)), st.sets(st.sampled_from(DIETS), min_size=1))
def test_more_diets_are_met_by_fewer_pies(declared: set[str], wanted: set[str]) -> None:
    together = passes({"diet": tuple(wanted)}, diets=sorted(declared))
    assert together is all(passes({"diet": (diet,)}, diets=sorted(declared)) for diet in wanted)
    assert together or not wanted <= declared


def test_without_a_filter_there_is_nothing_to_ask() -> None:
    assert build_filter({}, NOON) is None


def test_every_filter_is_tried_here() -> None:
    assert FILTERS.keys() == {"diet", "withoutAllergen", "maxRate", "available"}
