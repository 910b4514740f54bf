"""Piles of to-dos and of cards, put into a table without going through HTTP: tens of thousands in seconds."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from msgspec import Struct

from api.domain.care_cards import WEIGH_EVERY, CareCard
from api.domain.entity import first_version
from api.domain.todos import Todo
from api.services.mappings import TODO
from api.store.repository import Repository
from api.store.transaction import UNCONDITIONAL, TransactItem
from tests.support.engine_app import EngineApp

AT_ONCE = 100
"""What a transaction takes. It is one commit on the disk; a batch would be one for each item."""


def finished(number: int, now: datetime) -> Iterator[Todo]:
    """Yield to-dos that were done, one each minute until now, some of them what a cat's health hangs on."""
    for place in range(number):
        at = now - timedelta(minutes=place)
        kind = ("medicine", "vet", "cleaning")[place % 3]
        stamps = first_version(at - timedelta(days=1)) | {"done_at": at, "done_by": "the staff"}
        yield Todo(
            title=f"Done {place}", kind=kind, cat="luna", id=f"done-{place}", done=True, by="the staff", **stamps
        )


def far_away(number: int, now: datetime) -> Iterator[Todo]:
    """Yield open to-dos that are due, or that wait, in two months and later."""
    for place in range(number):
        at = now + timedelta(days=60, minutes=place)
        day = (at + timedelta(days=1)).date().isoformat()
        told = {"due": at.date().isoformat()} if place % 2 else {"wait_until": at, "due": day}
        yield Todo(
            title=f"Later {place}", cat="luna", id=f"later-{place}", by="the staff", **told, **first_version(now)
        )


def asleep(number: int, now: datetime) -> Iterator[CareCard]:
    """Yield the cards of cats who have to be weighed within a week, and need nothing before."""
    for place in range(number):
        since = now - WEIGH_EVERY + timedelta(days=1, minutes=place % 8000)
        yield CareCard(cat=f"cat-{place}", uid=f"uid-{place}", in_care=True, since=since)


def put(cafe: EngineApp, things: Iterable[Struct], kind: Repository[Any] = TODO) -> None:
    """Put things into the table as they lie there when they have come one after the other.

    Args:
        cafe: where.
        things: which.
        kind: how they are kept; a broken variant if the test wants to see it fail.
    """
    coming = iter(things)
    while some := list(islice(coming, AT_ONCE)):
        rev = secrets.token_urlsafe(12)
        cafe.table.transact([TransactItem("Put", kind.item(thing, rev), UNCONDITIONAL) for thing in some], rev)
