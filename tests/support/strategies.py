"""Hypothesis strategies for valid and invalid bodies, derived from the structs of the API."""

from __future__ import annotations

import copy
import types
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from api.domain import names
from api.domain.cat_fields import Name
from api.domain.money import Money

TEXT = st.characters(exclude_categories=["Cs"])
VISIBLE = st.text(TEXT, min_size=1, max_size=20).filter(lambda text: names.text_error(text, "") is None)
KEY: st.SearchStrategy[Any] = st.nothing()
CATS = st.sampled_from(["tom", "ada"])
"""Names of existing cats."""
DAYS = st.dates(date(2027, 1, 1), date(2030, 12, 31))

SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    # the key must be that of the URL
    "name": KEY,
    "username": KEY,
    "id": KEY,
    # no other date of a cat may be before the birth, a cat with alteredOn is altered, and no vaccination expires early
    "altered": st.sampled_from(["yes", "unknown"]),
    "expiresOn": st.none() | DAYS.map(str),
    "birthDate": st.none() | st.dates(date(1999, 1, 1), date(2015, 12, 31)).map(str),
    "number": st.from_regex(r"[0-9]{15}|[0-9A-Z]{9,10}", fullmatch=True),
    # vegan pies contain no milk; publicName null means the name of the pie
    "allergens": st.none() | st.lists(st.sampled_from(["celery", "gluten", "nuts"]), unique=True),
    "diets": st.lists(st.sampled_from(["vegan", "halal", "kosher"]), unique=True),
    "publicName": VISIBLE,
    # an e-mail address has an @, a password has 8 characters and is not common
    "email": st.none() | st.from_regex(r"[a-z0-9.+]{1,20}@[a-z0-9.]{1,20}", fullmatch=True),
    "password": st.text("ab cdë", min_size=8, max_size=20).map(lambda text: f"{text} 7!"),
    # a name and a title are visible; publishedAt null means now
    "displayName": st.none() | VISIBLE,
    "title": VISIBLE,
    "publishedAt": st.dates(date(2016, 1, 1), date(2026, 11, 21)).map(lambda day: f"{day}T12:00:00Z"),
    # references exist, due dates exist in the calendar, and waitUntil is not later than due
    "assignee": st.sampled_from([None, "the staff"]),
    "blockedBy": st.just([]),
    "due": st.none() | DAYS.map(str) | DAYS.map(lambda day: f"{day}T12:00:00Z"),
}
WRONG = (3.7, {"wings": 2}, [[]], "purr" * 6_000)
"""Values that are invalid for every field."""
SECRETS = {"password", "currentPassword"}
"""Fields that no response contains."""


def valid_bodies(struct: type[msgspec.Struct]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for valid bodies of a struct. Fields with a default may be missing."""
    hints = get_type_hints(struct, include_extras=True)
    fields = {
        field.encode_name: (_field(field.encode_name, hints[field.name]), field.required)
        for field in msgspec.structs.fields(struct)
    }
    strategies = {name: strategy for name, (strategy, _) in fields.items() if not strategy.is_empty}
    return st.fixed_dictionaries(
        {name: value for name, value in strategies.items() if fields[name][1]},
        optional={name: value for name, value in strategies.items() if not fields[name][1]},
    ).map(_with_due)


def _field(name: str, hint: Any) -> st.SearchStrategy[Any]:
    # A response always has the rate of a pie as money, also if it was sent in pence.
    return st.none() | valid_bodies(Money) if name == "rate" else SPECIAL[name] if name in SPECIAL else _value(hint)


def _with_due(body: dict[str, Any]) -> dict[str, Any]:
    """Give a recurring to-do a due time and make it open."""
    if body.get("recurrence"):
        return {**body, "due": "2027-03-01T12:00:00Z"} | ({"done": False} if "done" in body else {})
    return body


def _value(hint: Any, meta: msgspec.Meta | None = None) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint == Name:
        return CATS
    if origin is Annotated:
        return _value(arguments[0], arguments[1])
    if origin in (Union, types.UnionType):
        return st.one_of(*(_value(argument) for argument in arguments if argument is not msgspec.UnsetType))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(_value(arguments[0]), max_size=3, unique=arguments[0] == Name)
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return valid_bodies(hint)
    return _plain(hint, meta or msgspec.Meta())


def _plain(hint: Any, meta: msgspec.Meta) -> st.SearchStrategy[Any]:
    assert not meta.pattern, f"SPECIAL needs a strategy for the pattern {meta.pattern}"
    strategies: dict[Any, st.SearchStrategy[Any]] = {
        type(None): st.none(),
        bool: st.booleans(),
        int: st.integers(meta.ge, meta.le) if hint is int else st.none(),
        datetime: st.dates(date(2016, 1, 1), date(2026, 11, 21)).map(lambda day: f"{day}T12:00:00Z"),
        date: st.dates(date(2016, 1, 1), date(2026, 11, 22)).map(str),
        str: st.text(TEXT, min_size=meta.min_length or 0, max_size=min(meta.max_length or 20, 20)).filter(
            lambda text: not meta.extra_json_schema or names.text_error(text, "") is None
        ),
    }
    return strategies[hint]


@st.composite
def invalid_bodies(draw: st.DrawFn, struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Return a strategy for bodies with exactly one error, at any depth."""
    body = copy.deepcopy(draw(valid_bodies(struct)))
    containers = list(_containers(body))
    container = draw(st.sampled_from(containers))
    members = [*container, *(field.encode_name for field in msgspec.structs.fields(struct) if container is body)]
    if isinstance(container, list):
        container.insert(draw(st.integers(0, len(container))), draw(st.sampled_from(WRONG)))
    elif members and draw(st.booleans()):
        container[draw(st.sampled_from(members))] = draw(st.sampled_from(WRONG))
    else:
        container[draw(st.text(TEXT, max_size=5).map(lambda text: f"{text}?"))] = draw(st.none() | st.integers())
    return body


def _containers(value: Any) -> list[Any]:
    """Return all objects and arrays of a body."""
    if isinstance(value, dict):
        return [value, *(container for inner in value.values() for container in _containers(inner))]
    if isinstance(value, list):
        return [value, *(container for inner in value for container in _containers(inner))]
    return []
