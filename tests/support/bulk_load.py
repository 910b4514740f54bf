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
from tests.support.app import Client
from tests.support.engine_app import EngineApp

BATCH_SIZE = 100
"""The most items of a transaction. A transaction is one commit of the emulator; a batch is one for each item."""


def done_todos(number: int, now: datetime) -> Iterator[Todo]:
    """Yield to-dos that are done, one each minute before now, some of them about the health of a cat."""
    for index in range(number):
        at = now - timedelta(minutes=index)
        kind = ("medicine", "vet", "cleaning")[index % 3]
        times = first_version(at - timedelta(days=1)) | {"done_at": at, "done_by": "the staff"}
        yield Todo(title=f"Done {index}", kind=kind, cat="luna", id=f"done-{index}", done=True, by="the staff", **times)


def distant_todos(number: int, now: datetime) -> Iterator[Todo]:
    """Yield open to-dos that are due, or that wait, in two months or later."""
    for index in range(number):
        at = now + timedelta(days=60, minutes=index)
        day = (at + timedelta(days=1)).date().isoformat()
        dates = {"due": at.date().isoformat()} if index % 2 else {"wait_until": at, "due": day}
        yield Todo(
            title=f"Later {index}", cat="luna", id=f"later-{index}", by="the staff", **dates, **first_version(now)
        )


def future_cards(number: int, now: datetime) -> Iterator[CareCard]:
    """Yield care cards of cats that have to be weighed within a week and need nothing before."""
    for index in range(number):
        since = now - WEIGH_EVERY + timedelta(days=1, minutes=index % 8000)
        yield CareCard(cat=f"cat-{index}", uid=f"uid-{index}", in_care=True, since=since)


def load_items(cafe: EngineApp, entities: Iterable[Struct], repository: Repository[Any] = TODO) -> None:
    """Write entities into the table.

    Args:
        cafe: the application.
        entities: the entities.
        repository: their repository; a mutant if a test has to fail.
    """
    remaining = iter(entities)
    while batch := list(islice(remaining, BATCH_SIZE)):
        rev = secrets.token_urlsafe(12)
        writes = [TransactItem("Put", repository.item(entity, rev), UNCONDITIONAL) for entity in batch]
        cafe.table.transact(writes, rev)


CATS_PER_TRANSACTION = 25
"""A transaction has at most 100 items, and a cat has four."""


def load_cats(cafe: EngineApp, bodies: Iterable[dict[str, Any]]) -> list[str]:
    """Write cats into the table as if they were created one after the other; return their names in that order."""
    names, remaining = [], iter(bodies)
    while batch := list(islice(remaining, CATS_PER_TRANSACTION)):
        rev = secrets.token_urlsafe(12)
        writes = []
        for fields in batch:
            cafe.clock.advance(microseconds=1)
            body = msgspec.convert(fields, CreateCat)
            context = WriteContext(secrets.token_urlsafe(12), "the staff", cafe.clock.now)
            cat = cats.create(body, body.name, context)
            writes += CAT.writes(Change(None, cat, "created", context.by, cat.created), rev)
            writes.append(TransactItem("Put", CARE_CARD.item(care_cards.card_from_cat(cat), rev), None))
            names.append(cat.name)
        cafe.table.transact(writes, rev)
    return names


def iter_pages(client: Client, path: str) -> Iterator[list[str]]:
    """Yield the names on each page of a list."""
    next_path: str | None = path
    while next_path:
        response = client.get(next_path)
        assert response.status_code == 200, response.get_data(as_text=True)
        body = response.get_json()
        yield [cat["name"] for cat in body["items"]]
        next_path = body.get("next")
