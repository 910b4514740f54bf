"""What wants attention: open to-dos and the care cards of cats, in one index in the order of time.

So one query finds all to-dos that may matter by now, and another one all cards: what is finished or far away costs
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf
from typing import TypeVar

from msgspec import Struct

from api.context import Dependencies
from api.domain import care_cards
from api.domain.cats import Cat
from api.domain.todos import Todo
from api.services.mappings import CARE_CARD, RELEVANT_CARDS, RELEVANT_TODOS, TODO
from api.services.mappings import CAT as CATS
from api.store import keys
from api.store.keys import LAST, KeyRange
from api.store.repository import Repository
from api.store.table import Table

T = TypeVar("T", bound=Struct)

MAX_CANDIDATES = 1000
"""How many of the oldest are looked at. Of what a cat's health hangs on, all are."""


def load_candidates(services: Dependencies, now: datetime) -> tuple[list[Todo], dict[str, Cat]]:
    """Return the open to-dos that may matter by now, derived chores among them, and the cats that they are about.

    Those that are due later are looked at as soon as their nearness counts, for their points or for their tier.
    """
    settings = services.settings
    soon = now + timedelta(hours=max(settings.urgency_lead_hours, settings.urgency_soon_hours))
    table = services.table
    found, more = _read_all(
        table, TODO, KeyRange("filter1-by_time", RELEVANT_TODOS, high=keys.timestamp_key(soon) + LAST), MAX_CANDIDATES
    )
    if more:  # no dose lies hidden behind a thousand errands
        found += _read_all(
            table, TODO, KeyRange("filter2-by_time", RELEVANT_TODOS, high=keys.timestamp_key(soon) + LAST), inf
        )[0]
    awake, _ = _read_all(
        table, CARE_CARD, KeyRange("filter1-by_time", RELEVANT_CARDS, high=keys.timestamp_key(now) + LAST), inf
    )
    return _with_dependencies(
        services, [*found, *(chore for card in awake for chore in care_cards.derived_todos(card, now))]
    )


def _read_all(table: Table, repository: Repository[T], span: KeyRange, most: float) -> tuple[list[T], bool]:
    """Return at least so many entities of a span, where there are as many, and whether there are more."""
    found, position, more = list[T](), None, True
    while more and len(found) < most:  # a page of many bytes is a short one
        page = repository.page(table, [span], position, MAX_CANDIDATES, None)
        found, position, more = found + page.items, page.position, page.position is not None
    return found, more


def _with_dependencies(services: Dependencies, found: Sequence[Todo]) -> tuple[list[Todo], dict[str, Cat]]:
    """Add what they wait on, at first or at last hand, and is not due itself, and the cats.

    That is one round trip, and one more for each further link of a chain.
    """
    todos_too, cats = list(found), dict[str, Cat]()
    fresh, asked = todos_too, {(TODO.collection, todo.id) for todo in found}
    while wanted := _referenced_keys(fresh) - asked:
        asked |= wanted
        fresh = []
        for item in services.table.get_many([keys.item_key(*one) for one in sorted(wanted)], consistent=False):
            if str(item["pk"]).startswith(f"{TODO.collection}#"):
                fresh.append(TODO.read(item).value)
            else:
                cat = CATS.read(item).value
                cats[cat.name] = cat
        todos_too += fresh
    return todos_too, cats


def _referenced_keys(todos: Sequence[Todo]) -> set[tuple[str, str]]:
    """Return noun and key of what open to-dos wait on, and of the cats that they are about."""
    opens = [todo for todo in todos if not todo.done]
    blockers = {(TODO.collection, key) for todo in opens for key in todo.blocked_by}
    return blockers | {(CATS.collection, todo.cat) for todo in opens if todo.cat}
