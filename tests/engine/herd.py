"""Herds of cats to list, put into a table without going through HTTP: hundreds of them in a moment."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from api.domain import cats
from api.domain.cats import NewCat
from api.resources.shelves import KIND
from api.store.records import Change, Records
from tests.engine.house import EngineCafe

AT_ONCE = 50
"""A transaction has up to 100 items, and a cat has two."""


def bring(cafe: EngineCafe, herd: Iterable[dict[str, Any]]) -> list[str]:
    """Put cats into the table as if they had come one after the other, and return their names in that order."""
    records, names, coming = Records(cafe.table, KIND), [], iter(herd)
    while some := list(islice(coming, AT_ONCE)):
        rev = secrets.token_urlsafe(12)
        writes = []
        for told in some:
            cafe.clock.pass_by(microseconds=1)
            body = msgspec.convert(told, NewCat)
            cat = cats.create(body, body.name, secrets.token_urlsafe(12), cafe.clock.now)
            writes += records.writes(Change(None, cat, "created", "the staff", cat.created), rev)
            names.append(cat.name)
        cafe.table.commit(writes, rev)
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
