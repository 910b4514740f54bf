"""Bodies made up from the very structs that serve requests: good ones, and ones with one thing wrong."""

from __future__ import annotations

import copy
import types
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from api.domain.cat_fields import Name
from api.domain.money import Money

TEXT = st.characters(exclude_categories=["Cs"])
KEY: st.SearchStrategy[Any] = st.nothing()
CATS = st.sampled_from(["tom", "ada"])
"""What stands wherever the name of a cat is wanted: two that there are, and each of them once."""
DAYS = st.dates(date(2027, 1, 1), date(2030, 12, 31))

SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    # what no type says: the key is that of the URL, which the test knows
    "name": KEY,
    "username": KEY,
    "id": KEY,
    # nothing has happened before a cat's birth
    "birthDate": st.none() | st.dates(date(1999, 1, 1), date(2015, 12, 31)).map(str),
    "number": st.from_regex(r"[0-9]{15}|[0-9A-Z]{9,10}", fullmatch=True),
    # nothing that is vegan contains milk; null is a pie's own name, and a plain integer is pence
    "allergens": st.none() | st.lists(st.sampled_from(["celery", "gluten", "nuts"]), unique=True),
    "diets": st.lists(st.sampled_from(["vegan", "halal", "kosher"]), unique=True),
    "publicName": st.text(TEXT, min_size=1, max_size=20),
    # an address has an @, and a password is long and not common
    "email": st.none() | st.from_regex(r"[a-z0-9.+]{1,20}@[a-z0-9.]{1,20}", fullmatch=True),
    "password": st.text("ab cdë", min_size=8, max_size=20).map(lambda text: f"{text} 7!"),
    # a title is not blank; null is the moment of writing
    "title": st.text(TEXT, min_size=1, max_size=20).filter(str.strip),
    "publishedAt": st.dates(date(2016, 1, 1), date(2026, 11, 21)).map(lambda day: f"{day}T12:00:00Z"),
    # what a to-do names is there, a due exists, and nothing waits beyond it
    "assignee": st.sampled_from([None, "the staff"]),
    "blockedBy": st.just([]),
    "due": st.none() | DAYS.map(str) | DAYS.map(lambda day: f"{day}T12:00:00Z"),
}
WRONG = (3.7, {"wings": 2}, [[]], "purr" * 6_000)
"""Values that no member of any struct can have."""
SECRETS = {"password", "currentPassword"}
"""Members that are never shown again."""


def good(struct: type[msgspec.Struct]) -> st.SearchStrategy[dict[str, Any]]:
    """Make up bodies that keep every rule of a struct; any member that has a default may be missing."""
    hints = get_type_hints(struct, include_extras=True)
    members = {
        field.encode_name: (_member(field.encode_name, hints[field.name]), field.required)
        for field in msgspec.structs.fields(struct)
    }
    there = {name: value for name, (value, _) in members.items() if not value.is_empty}
    return st.fixed_dictionaries(
        {name: value for name, value in there.items() if members[name][1]},
        optional={name: value for name, value in there.items() if not members[name][1]},
    ).map(_settled)


def _member(name: str, hint: Any) -> st.SearchStrategy[Any]:
    # A pie's rate is shown as money, however it was sent.
    return st.none() | good(Money) if name == "rate" else SPECIAL[name] if name in SPECIAL else _value(hint)


def _settled(body: dict[str, Any]) -> dict[str, Any]:
    """What recurs has a due, at an instant if it recurs by hours, and begins open."""
    if body.get("recurrence"):
        return {**body, "due": "2027-03-01T12:00:00Z"} | ({"done": False} if "done" in body else {})
    return body


def _value(hint: Any, meta: msgspec.Meta | None = None) -> st.SearchStrategy[Any]:
    origin, inner = get_origin(hint), get_args(hint)
    if hint == Name:
        return CATS
    if origin is Annotated:
        return _value(inner[0], inner[1])
    if origin in (Union, types.UnionType):
        return st.one_of(*(_value(one) for one in inner if one is not msgspec.UnsetType))
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple:
        return st.lists(_value(inner[0]), max_size=3, unique=inner[0] == Name)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return good(hint)
    return _plain(hint, meta or msgspec.Meta())


def _plain(kind: Any, meta: msgspec.Meta) -> st.SearchStrategy[Any]:
    assert not meta.pattern, f"what keeps {meta.pattern} has to be in SPECIAL"
    made: dict[Any, st.SearchStrategy[Any]] = {
        type(None): st.none(),
        bool: st.booleans(),
        int: st.integers(meta.ge, meta.le) if kind is int else st.none(),
        datetime: st.dates(date(2016, 1, 1), date(2026, 11, 21)).map(lambda day: f"{day}T12:00:00Z"),
        date: st.dates(date(2016, 1, 1), date(2026, 11, 22)).map(str),
        str: st.text(TEXT, min_size=meta.min_length or 0, max_size=min(meta.max_length or 20, 20)),
    }
    return made[kind]


@st.composite
def bad(draw: st.DrawFn, struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Make up bodies in which one thing is wrong, somewhere."""
    body = copy.deepcopy(draw(good(struct)))
    places = list(_places(body))
    place = draw(st.sampled_from(places))
    names = [*place, *(field.encode_name for field in msgspec.structs.fields(struct) if place is body)]
    if isinstance(place, list):
        place.insert(draw(st.integers(0, len(place))), draw(st.sampled_from(WRONG)))
    elif names and draw(st.booleans()):
        place[draw(st.sampled_from(names))] = draw(st.sampled_from(WRONG))
    else:
        place[draw(st.text(TEXT, max_size=5).map(lambda text: f"{text}?"))] = draw(st.none() | st.integers())
    return body


def _places(value: Any) -> list[Any]:
    """Return every object and every array within a body."""
    if isinstance(value, dict):
        return [value, *(place for inner in value.values() for place in _places(inner))]
    if isinstance(value, list):
        return [value, *(place for inner in value for place in _places(inner))]
    return []
