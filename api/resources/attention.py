"""What wants attention: open to-dos and the care cards of cats, together in one index in the order of time.

So one query finds all that may have to be done by some instant, and what is finished costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from api.domain import care
from api.domain.cats import Cat
from api.domain.todos import Todo
from api.http.services import Services
from api.resources.shelves import ATTENTION, CARE, TODOS
from api.resources.shelves import KIND as CATS
from api.store import keys
from api.store.keys import LAST, Span
from api.store.walk import walk
from api.store.write import Item

MOST = 1000
"""How many of the oldest are looked at. Of what a cat's health hangs on, all are."""


def agenda(services: Services, now: datetime, ahead: timedelta) -> tuple[list[Todo], dict[str, Cat]]:
    """Return the open to-dos that may matter by now, derived chores among them, and the cats that they are about.

    Args:
        services: where to read.
        now: the instant.
        ahead: how far into the future a due is looked at.
    """
    open_todos, cards = services.records(TODOS), services.records(CARE)

    def read(item: Item) -> list[Todo]:
        if str(item["pk"]).startswith(f"{CARE.noun}#"):
            return care.chores(cards.read(item).value, now)
        return [open_todos.read(item).value]

    until = keys.instant(now + ahead) + LAST
    page = walk(services.table, [Span("facet1-by_time", ATTENTION, high=until)], None, MOST, read, None)
    found, more = page.items, page.position is not None
    position = None
    while more:  # no dose lies hidden behind a thousand errands
        page = walk(services.table, [Span("facet2-by_time", ATTENTION, high=until)], position, MOST, read, None)
        found, position, more = found + page.items, page.position, page.position is not None
    return _with_blockers(services, [todo for several in found for todo in several])


def _with_blockers(services: Services, found: Sequence[Todo]) -> tuple[list[Todo], dict[str, Cat]]:
    """Add what somebody waits on and is not due itself, and the cats, in one round trip."""
    known = {todo.id for todo in found}
    blockers = {key for todo in found for key in todo.blocked_by} - known
    names = {todo.cat for todo in found if todo.cat}
    wanted = [keys.record(TODOS.noun, key) for key in sorted(blockers)]
    wanted += [keys.record(CATS.noun, name) for name in sorted(names)]
    todos_too, cats = list(found), {}
    for item in services.table.get_many(wanted, consistent=False):
        if str(item["pk"]).startswith(f"{TODOS.noun}#"):
            todos_too.append(services.records(TODOS).read(item).value)
        else:
            cat = services.records(CATS).read(item).value
            cats[cat.name] = cat
    return todos_too, cats
