"""Words for people: ages, statuses, companions, money and times. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo

from api.domain.cat_views import PublicCat, StaffCat
from api.domain.due_dates import local_date
from api.domain.money import Money

Cat = PublicCat | StaffCat

STATUSES = {
    "available": "Looking for a home", "resident": "Lives here", "reserved": "Reserved", "trial": "On a trial stay",
    "intake": "Just arrived", "quarantine": "In quarantine", "hold": "On hold", "foster": "With a foster family",
    "adopted": "Adopted", "transferred": "Moved to another shelter", "reclaimed": "Back with the owner",
    "deceased": "Deceased",
}  # fmt: skip
AGE_GROUPS = {"baby": "Kitten", "young": "Young", "adult": "Adult", "senior": "Senior"}
ALTERED = {"female": "Spayed", "male": "Neutered", "unknown": "Spayed or neutered"}
CHILDREN = {
    "yes": "Good with children",
    "over5": "Good with children over 5",
    "over12": "Good with children over 12",
    "no": "Not good with children",
}
COMPANIONS = {"yes": "Good with {}", "selective": "Good with some {}", "no": "Not good with {}"}
COATS = {"short": "short-haired", "medium": "medium-haired", "long": "long-haired", "wire": "wire-haired"}
"""The other coats are adjectives."""
DIETS = {
    "vegan": ("Ve", "vegan"), "vegetarian": ("V", "vegetarian"), "glutenFree": ("GF", "gluten-free"),
    "dairyFree": ("DF", "dairy-free"), "nutFree": ("NF", "nut-free"), "halal": ("H", "halal"),
    "kosher": ("K", "kosher"),
}  # fmt: skip
"""The sign and the name of each diet."""
ALLERGENS = {
    "celery": "Ce", "gluten": "Gl", "crustaceans": "Cr", "eggs": "Eg", "fish": "Fi", "lupin": "Lu", "milk": "Mi",
    "molluscs": "Mo", "mustard": "Mu", "nuts": "Nu", "peanuts": "Pe", "sesame": "Se", "soybeans": "So",
    "sulphites": "Su",
}  # fmt: skip
"""The sign of each allergen."""
ROLES = {"member": "Member", "staff": "Staff", "owner": "Owner"}
NOTICES = {
    "saved": "Saved.", "deleted": "Deleted.", "ended": "Ended.", "revoked": "Revoked.",
    "weighed": "The weight is recorded.", "registered": "You are registered. Log in now.",
    "sent": "You sent the form twice. There is one token. If you have not copied it, revoke it and create another one.",
}  # fmt: skip
"""What a page says after a form: the words of ``?notice=`` and their sentences."""
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CURRENCY_SIGNS = {"GBP": "£", "EUR": "€", "USD": "$"}
NO_MINOR_UNIT = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
)
THREE_DIGITS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
"""Currencies whose minor unit is a thousandth (ISO 4217)."""


def sentence(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def join(words: Sequence[str]) -> str:
    """Return words as a list: "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def count(number: int, unit: str) -> str:
    """Return a number with its unit: "1 year", "2 years"."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def name(text: str) -> str:
    """Return the name of a cat as a title. Names in small letters, which are easier to type, get a capital."""
    return sentence(text) if text == text.lower() else text


def age(born: date | None, exact: bool, today: date) -> str | None:
    """Return an age: "9 weeks old", "about 3 years old". Return None if the birth date is unknown or in the future.

    The month of an estimated birth date is unknown, so between one and two years it is the nearest half year.
    """
    if born is None or born > today:
        return None
    days = (today - born).days
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if days < 14:
        text = count(days, "day")
    elif months < 4:
        text = count(days // 7, "week")
    elif months < (24 if exact else 12):
        text = count(months, "month")
    elif months < 24:
        text = "1 year" if months < 16 else "1½ years" if months < 21 else "2 years"
    else:
        text = count(months // 12, "year")
    return f"{text} old" if exact else f"about {text} old"


def day(value: date) -> str:
    """Return a date: "3 May 2026"."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def local_day(at: datetime, zone: tzinfo) -> str:
    """Return the date of a time in the time zone of the café."""
    return day(local_date(at, zone))


def date_and_time(at: datetime, zone: tzinfo) -> str:
    """Return a time in the time zone of the café: "3 May 2026, 11:30"."""
    local = at.astimezone(zone)
    return f"{day(local.date())}, {local.hour}:{local.minute:02}"


def weight(grams: int) -> str:
    """Return a weight: "640 g", "4.20 kg", "4.215 kg"."""
    return f"{grams} g" if grams < 1000 else f"{grams / 1000:.{3 if grams % 10 else 2}f} kg"


def until(at: datetime, now: datetime, zone: tzinfo) -> str:
    """Return the end of a period: "until 11:30", "until tomorrow, 11:30", "until Friday", "until 3 May 2026"."""
    local, end, today = at.astimezone(zone), local_date(at, zone), local_date(now, zone)
    days, clock = (end - today).days, f"{local.hour}:{local.minute:02}"
    if days <= 0:
        return f"until {clock}"
    if days == 1:
        return f"until tomorrow, {clock}"
    return f"until {DAYS[end.weekday()]}" if days < 7 else f"until {day(end)}"


def price(money: Money | None) -> str | None:
    """Return a price: "£4.50", "12.00 CHF", "500 JPY"."""
    return _with_currency(money, decimal(money)) if money else None


def fee(money: Money | None) -> str | None:
    """Return a fee, which is often a whole number: "£180", "£12.50"."""
    return _with_currency(money, decimal(money).removesuffix(".00").removesuffix(".000")) if money else None


def _with_currency(money: Money, amount: str) -> str:
    sign = CURRENCY_SIGNS.get(money.currency)
    return f"{sign}{amount}" if sign else f"{amount} {money.currency}"


def decimal(money: Money) -> str:
    """Return an amount in the major unit: "4.50"."""
    return decimal_text(money.amount, money.currency)


def decimal_text(amount: int, currency: str) -> str:
    """Return an amount of the minor unit in the major unit: "4.50"."""
    digits = minor_digits(currency)
    return f"{amount // 10**digits}.{amount % 10**digits:0{digits}}" if digits else str(amount)


def minor_digits(currency: str) -> int:
    """Return how many digits after the point an amount of a currency has (ISO 4217)."""
    return 0 if currency in NO_MINOR_UNIT else 3 if currency in THREE_DIGITS else 2


def looks(cat: Cat) -> str | None:
    """Return how a cat looks: "short-haired black and white, tuxedo"."""
    colors = [color for color in (cat.colors.primary, cat.colors.secondary, cat.colors.tertiary) if color]
    coat = COATS.get(cat.coat, cat.coat) if cat.coat else ""
    text = " ".join(filter(None, [coat, join(colors)]))
    return ", ".join(filter(None, [text, cat.pattern])) or None


def breed(cat: Cat) -> str | None:
    """Return the breed: "siamese and burmese mix"."""
    text = join([part for part in (cat.breed.primary, cat.breed.secondary) if part])
    return f"{text} mix" if text and cat.breed.mixed else text or None


def companions(cat: Cat) -> list[str]:
    """Return whom a cat can live with, without what is unknown."""
    known = [COMPANIONS.get(value, "").format(animal) for animal, value in _other_animals(cat)]
    return [text for text in (CHILDREN.get(cat.good_with.children), *known) if text]


def unknown_companions(cat: Cat) -> str | None:
    """Return the companions about which nothing is known yet: "We do not know yet how Luna lives with dogs."."""
    unknown = ["children"] if cat.good_with.children == "unknown" else []
    unknown += [animal for animal, value in _other_animals(cat) if value == "unknown"]
    return f"We do not know yet how {name(cat.name)} lives with {_join_or(unknown)}." if unknown else None


def bond(names: Sequence[str]) -> str | None:
    """Return a bond: "Bonded with Miso: they move together"."""
    return f"Bonded with {join([name(text) for text in names])}: they move together" if names else None


def health(cat: Cat) -> list[str]:
    """Return the facts about the health of a cat, without what is unknown."""
    facts = []
    if cat.altered != "unknown":
        done = ALTERED[cat.sex]
        facts.append(done if cat.altered == "yes" else f"Not {done.lower()} yet")
    facts += [f"{label} {value}" for label, value in (("FIV", cat.fiv), ("FeLV", cat.felv)) if value != "unknown"]
    given = list(dict.fromkeys(shot.type for shot in cat.vaccinations if shot.given_on))
    if given:
        facts.append(f"Vaccinated: {join(given)}")
    if cat.special_needs.has or cat.special_needs.note or cat.special_needs.diet:
        facts.append("Has special needs")
    return facts


def summary(cat: Cat, today: date) -> str:
    """Return a cat in a line: "Female, about 3 years old"."""
    sex = None if cat.sex == "unknown" else cat.sex
    return sentence(", ".join(filter(None, [sex, age(cat.birth_date, cat.birth_date_exact, today)])))


def excerpt(text: str, length: int) -> str:
    """Return the beginning of a text, which ends with a whole word."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[:length].rpartition(' ')[0] or text[:length]}…"


def _other_animals(cat: Cat) -> Iterable[tuple[str, str]]:
    return (("other cats", cat.good_with.cats), ("dogs", cat.good_with.dogs))


def _join_or(words: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
