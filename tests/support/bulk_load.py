"""Load many cats, to-dos and care cards into a table without HTTP requests."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import msgspec
from msgspec import Struct

from api.domain import care_cards, cats
from api.domain.care_cards import WEIGH_EVERY, CareCard
from api.domain.cats import CreateCat
from api.domain.entity import WriteContext, first_version
from api.domain.todos import Todo
from api.services.mappings import CARE_CARD, CAT, TODO
from api.store.repository import Change, Repository
from api.store.transaction import UNCONDITIONAL, TransactItem
from tests.support.engine_app import EngineApp

BATCH_SIZE = 100
"""What a transaction takes. It is one commit on the disk; a batch would be one for each item."""


def done_todos(number: int, now: datetime) -> Iterator[Todo]:
    """Yield to-dos that were done, one each minute until now, some of them what a cat's health hangs on."""
    for place in range(number):
        at = now - timedelta(minutes=place)
        kind = ("medicine", "vet", "cleaning")[place % 3]
        stamps = first_version(at - timedelta(days=1)) | {"done_at": at, "done_by": "the staff"}
        yield Todo(
            title=f"Done {place}", kind=kind, cat="luna", id=f"done-{place}", done=True, by="the staff", **stamps
        )


def distant_todos(number: int, now: datetime) -> Iterator[Todo]:
    """Yield open to-dos that are due, or that wait, in two months and later."""
    for place in range(number):
        at = now + timedelta(days=60, minutes=place)
        day = (at + timedelta(days=1)).date().isoformat()
        told = {"due": at.date().isoformat()} if place % 2 else {"wait_until": at, "due": day}
        yield Todo(
            title=f"Later {place}", cat="luna", id=f"later-{place}", by="the staff", **told, **first_version(now)
        )


def future_cards(number: int, now: datetime) -> Iterator[CareCard]:
    """Yield the cards of cats who have to be weighed within a week, and need nothing before."""
    for place in range(number):
        since = now - WEIGH_EVERY + timedelta(days=1, minutes=place % 8000)
        yield CareCard(cat=f"cat-{place}", uid=f"uid-{place}", in_care=True, since=since)


def load_items(cafe: EngineApp, things: Iterable[Struct], kind: Repository[Any] = TODO) -> None:
    """Put things into the table as they lie there when they have come one after the other.

    Args:
        cafe: where.
        things: which.
        kind: how they are kept; a broken variant if the test wants to see it fail.
    """
    coming = iter(things)
    while some := list(islice(coming, BATCH_SIZE)):
        rev = secrets.token_urlsafe(12)
        cafe.table.transact([TransactItem("Put", kind.item(thing, rev), UNCONDITIONAL) for thing in some], rev)


CATS_PER_TRANSACTION = 33
"""A transaction has up to 100 items, and a cat has three."""


def load_cats(cafe: EngineApp, herd: Iterable[dict[str, Any]]) -> list[str]:
    """Put cats into the table as if they had come one after the other, and return their names in that order."""
    names, coming = [], iter(herd)
    while some := list(islice(coming, CATS_PER_TRANSACTION)):
        rev = secrets.token_urlsafe(12)
        writes = []
        for told in some:
            cafe.clock.advance(microseconds=1)
            body = msgspec.convert(told, CreateCat)
            stamp = WriteContext(secrets.token_urlsafe(12), "the staff", cafe.clock.now)
            cat = cats.create(body, body.name, stamp)
            writes += CAT.writes(Change(None, cat, "created", stamp.by, cat.created), rev)
            writes.append(TransactItem("Put", CARE_CARD.item(care_cards.card_from_cat(cat), rev), None))
            names.append(cat.name)
        cafe.table.transact(writes, rev)
    return names


def iter_pages(caller: Any, path: str) -> Iterator[list[str]]:
    """Go through a list page by page, and yield the names on each."""
    onward: str | None = path
    while onward:
        answer = caller.get(onward)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        page = answer.get_json()
        yield [cat["name"] for cat in page["items"]]
        onward = page.get("next")
