"""Words for people."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.domain.cat_fields import Breed, Colors, PublicVaccination, Sociability
from api.domain.cat_views import PublicCat
from api.domain.money import Money
from api.web import words

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def cat(**fields: Any) -> PublicCat:
    """Return a cat as the public sees it."""
    return PublicCat(name="luna", age_group=None, photos=(), created=NOON, updated=NOON, version=1, **fields)


@pytest.mark.parametrize(
    ("born", "exact", "expected"),
    [
        (None, False, None), (date(2026, 11, 23), True, None), (TODAY, True, "0 days old"),
        (date(2026, 11, 21), True, "1 day old"), (date(2026, 11, 8), True, "2 weeks old"),
        (date(2026, 9, 20), False, "about 9 weeks old"), (date(2026, 7, 22), True, "4 months old"),
        (date(2026, 7, 23), True, "17 weeks old"), (date(2024, 11, 23), True, "23 months old"),
        (date(2025, 11, 22), False, "about 1 year old"), (date(2025, 5, 22), False, "about 1½ years old"),
        (date(2025, 2, 1), False, "about 2 years old"), (date(2024, 11, 22), True, "2 years old"),
        (date(2016, 11, 23), False, "about 9 years old"), (date(2024, 2, 29), True, "2 years old"),
    ],
)  # fmt: skip
def test_age(born: date | None, exact: bool, expected: str | None) -> None:
    assert words.age(born, exact, TODAY) == expected


@pytest.mark.parametrize(
    ("good_with", "expected"),
    [
        (Sociability(), []),
        (Sociability(children="over5"), ["Good with children over 5"]),
        (Sociability(children="over12", cats="yes"), ["Good with children over 12", "Good with other cats"]),
        (Sociability(children="no", dogs="selective"), ["Not good with children", "Good with some dogs"]),
        (Sociability(dogs="no"), ["Not good with dogs"]),
    ],
)
def test_companions(good_with: Sociability, expected: list[str]) -> None:
    assert words.companions(cat(good_with=good_with)) == expected


def test_unknown_companions() -> None:
    known = Sociability(children="yes", cats="no", dogs="yes")
    assert words.unknown_companions(cat(good_with=known)) is None
    text = "We do not know yet how Luna lives with children, other cats or dogs."
    assert words.unknown_companions(cat()) == text


def test_bond() -> None:
    assert words.bond(()) is None
    assert words.bond(["miso"]) == "Bonded with Miso: they move together"
    assert words.bond(["miso", "Mr. O'Neill", "fig"]) == "Bonded with Miso, Mr. O'Neill and Fig: they move together"


def test_name_in_small_letters_gets_a_capital() -> None:
    assert [words.name(text) for text in ("luna", "LUNA", "McTavish", "zoë", "たま", "")] == [
        "Luna", "LUNA", "McTavish", "Zoë", "たま", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("amount", "currency", "price", "fee"),
    [
        (450, "GBP", "£4.50", "£4.50"), (18000, "EUR", "€180.00", "€180"), (5, "USD", "$0.05", "$0.05"),
        (1200, "CHF", "12.00 CHF", "12 CHF"), (500, "JPY", "500 JPY", "500 JPY"),
        (1500, "KWD", "1.500 KWD", "1.500 KWD"),
        (0, "GBP", "£0.00", "£0"),
    ],
)  # fmt: skip
def test_price_and_fee(amount: int, currency: Any, price: str, fee: str) -> None:
    assert (words.price(Money(amount, currency)), words.fee(Money(amount, currency))) == (price, fee)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("2026-11-22T16:30:00Z", "until 17:30"), ("2026-11-22T23:30:00Z", "until tomorrow, 0:30"),
        ("2026-11-23T08:05:00Z", "until tomorrow, 9:05"), ("2026-11-27T08:00:00Z", "until Friday"),
        ("2026-11-29T08:00:00Z", "until 29 November 2026"),
    ],
)  # fmt: skip
def test_until_is_in_the_time_zone_of_the_cafe(end: str, expected: str) -> None:
    assert words.until(datetime.fromisoformat(end), NOON, ZoneInfo("Europe/Berlin")) == expected


def test_looks_and_breed() -> None:
    assert (words.looks(cat()), words.breed(cat())) == (None, None)
    tuxedo = cat(colors=Colors("black", "white"), pattern="tuxedo", coat="short", breed=Breed("siamese", mixed=True))
    assert words.looks(tuxedo) == "short-haired black and white, tuxedo"
    assert words.breed(tuxedo) == "siamese mix"
    assert words.looks(cat(coat="hairless")) == "hairless"


def test_health() -> None:
    shots = (PublicVaccination("tricat", given_on=TODAY), PublicVaccination("rabies", due_on=TODAY))
    assert words.health(cat()) == []
    facts = words.health(cat(sex="male", altered="no", fiv="negative", vaccinations=shots))
    assert facts == ["Not neutered yet", "FIV negative", "Vaccinated: tricat"]


def test_every_word_of_the_vocabulary_has_a_text() -> None:
    from typing import get_args

    from api.domain import cat_fields, cats, pies

    assert words.STATUSES.keys() == set(get_args(cats.CatStatus))
    assert words.AGE_GROUPS.keys() == set(get_args(cats.AgeGroup))
    assert {*words.CHILDREN, "unknown"} == set(get_args(cat_fields.GoodWithChildren))
    assert {*words.COMPANIONS, "unknown"} == set(get_args(cat_fields.GoodWith))
    assert (words.DIETS.keys(), words.ALLERGENS.keys()) == (set(pies.DIETS), set(pies.ALLERGENS))
    assert words.ALTERED.keys() == set(get_args(cat_fields.Sex))


def test_excerpt_ends_with_a_whole_word() -> None:
    assert words.excerpt("one  two\nthree", 20) == "one two three"
    assert words.excerpt("one two three", 9) == "one two…"
    assert words.excerpt("x" * 20, 5) == "xxxxx…"
