"""The nouns that every rule is tried on. A new noun is one more entry in ``NOUNS``, and all rules hold for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest

from api.domain.users import Role
from tests.api.looking import etag
from tests.cafe import Cafe, Caller


@dataclass(frozen=True)
class Noun:
    """What has to be known of a noun to try the rules on it."""

    path: str
    member: str
    """The member that is the key."""
    writer: Role
    body: dict[str, Any]
    """A thing that the public may see."""
    other: dict[str, Any]
    """Members with other values than those of ``body``; the public may see the thing still."""
    defaults: dict[str, Any]
    """What these members are when nobody says anything of them."""
    long: dict[str, Any]
    """A thing whose representation is worth compressing."""
    servers: tuple[str, ...]
    """Members that are the server's."""
    integer: Callable[[Any], dict[str, Any]]
    """Makes a body with some value where an integer belongs."""
    integer_at: str
    broken: dict[str, Any]
    """A body with many faults, of types and of rules, and where they are."""
    pointers: tuple[str, ...]
    form: str
    """A form, and what it says."""
    formed: dict[str, Any]
    argument: str
    """A filter with two of its values: what ``body`` has, and another one."""
    values: tuple[str, str]

    def at(self, key: str) -> str:
        """Return the URL of a thing."""
        return f"{self.path}/{quote(key, safe='')}"

    def named(self, key: str, **more: Any) -> dict[str, Any]:
        """Return the body of a POST."""
        return {self.member: key, **self.body, **more}

    def who_writes(self, cafe: Cafe) -> Caller:
        """Return somebody who may write."""
        return cafe.caller(self.writer)


CATS = Noun(
    path="/cats",
    member="name",
    writer="staff",
    body={"status": "available", "sex": "female"},
    other={"status": "resident", "sex": "male", "colors": {"primary": "black", "secondary": "grey", "tertiary": None}},
    defaults={"sex": "unknown", "colors": {"primary": None, "secondary": None, "tertiary": None}},
    long={"status": "available", "description": "She sleeps. " * 200},
    servers=("ageGroup", "blockers", "created", "updated", "version"),
    integer=lambda value: {"adoptionFee": {"amount": value, "currency": "EUR"}},
    integer_at="/adoptionFee/amount",
    broken={
        "sex": "queen",
        "birthDate": "2031-02-03",
        "birthDateExact": "yes",
        "a/b~c": 1,
        "goodWith": {"cats": 7, "birds": "no"},
        "microchips": [{"number": "12"}, {}, 3],
        "bondedWith": ["tom", "!"],
        "adoptionFee": {"amount": -1, "currency": "eur"},
    },
    pointers=(
        "/a~1b~0c", "/adoptionFee/amount", "/adoptionFee/currency", "/birthDate", "/birthDateExact", "/bondedWith/0",
        "/bondedWith/1",
        "/goodWith/birds", "/goodWith/cats", "/microchips/0/number", "/microchips/1/number", "/microchips/2", "/sex",
    ),
    form="status=available&birthDateExact=true&description=sleeps+%26+purrs",
    formed={"status": "available", "birthDateExact": True, "description": "sleeps & purrs"},
    argument="sex",
    values=("female", "male"),
)  # fmt: skip

GZIP = {"Accept-Encoding": "gzip"}
NOUNS = (CATS,)
every_noun = pytest.mark.parametrize("noun", NOUNS, ids=[noun.path for noun in NOUNS])


def tags(cafe: Cafe, noun: Noun, path: str) -> dict[str, str]:
    """Return the tag of every representation that a thing has."""
    asks: dict[str, tuple[Caller, str, dict[str, str]]] = {
        "public": (cafe.public, "", {}),
        "all": (noun.who_writes(cafe), "", {}),
        "public, gzip": (cafe.public, "", GZIP),
        "all, gzip": (noun.who_writes(cafe), "", GZIP),
        "public, fields": (cafe.public, f"?fields={noun.member}", {}),
        "all, fields": (noun.who_writes(cafe), f"?fields={noun.member},version", {}),
    }
    return {name: etag(who.get(path + query, ask)) for name, (who, query, ask) in asks.items()}
