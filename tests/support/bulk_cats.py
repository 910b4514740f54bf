"""Herds of cats to list, put into a table without going through HTTP: hundreds of them in a moment."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from api.domain import care_cards, cats
from api.domain.cats import NewCat
from api.domain.entity import WriteContext
from api.services.mappings import CARE_CARD, CAT
from api.store.repository import Change
from api.store.transaction import TransactItem
from tests.support.engine_app import EngineApp

AT_ONCE = 33
"""A transaction has up to 100 items, and a cat has three."""


def bring(cafe: EngineApp, herd: Iterable[dict[str, Any]]) -> list[str]:
    """Put cats into the table as if they had come one after the other, and return their names in that order."""
    names, coming = [], iter(herd)
    while some := list(islice(coming, AT_ONCE)):
        rev = secrets.token_urlsafe(12)
        writes = []
        for told in some:
            cafe.clock.pass_by(microseconds=1)
            body = msgspec.convert(told, NewCat)
            stamp = WriteContext(secrets.token_urlsafe(12), "the staff", cafe.clock.now)
            cat = cats.create(body, body.name, stamp)
            writes += CAT.writes(Change(None, cat, "created", stamp.by, cat.created), rev)
            writes.append(TransactItem("Put", CARE_CARD.item(care_cards.card_from_cat(cat), rev), None))
            names.append(cat.name)
        cafe.table.transact(writes, rev)
    return names


def walk(caller: Any, path: str) -> Iterator[list[str]]:
    """Go through a list page by page, and yield the names on each."""
    onward: str | None = path
    while onward:
        answer = caller.get(onward)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        page = answer.get_json()
        yield [cat["name"] for cat in page["items"]]
        onward = page.get("next")
