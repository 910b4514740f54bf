"""Generate the items of a table with a given number of cats and to-dos.

One entity of each variant is created by the domain rules from a request body. The others are copies with another name
and a timestamp that is a tenth of a second later. Names and timestamps have a fixed width, so that all items have
the same size.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from api.domain import care_cards, cats, todos
from api.domain.cat_views import with_public_version
from api.domain.cats import Cat, CreateCat
from api.domain.due_dates import format_utc
from api.domain.entity import WriteContext
from api.domain.todos import CreateTodo, ReplaceTodo, Todo
from api.services.mappings import CARE_CARD, CAT, TODO
from api.store.repository import Change, Stored
from api.store.transaction import Item

STAFF = "the staff"
INTERVAL = timedelta(milliseconds=100)
"""The time between the creation of two cats."""
VERSIONS = 25
"""The number of versions of the first cat. Its history has a second page."""
RARE_CATS = 5
"""The number of cats that match the filters, at every size."""
DUE_TODOS = 25
"""The number of to-dos that are due, at every size. /todos/next has more than one page of them."""
DOSE_EVERY = 200
"""One of this number of to-dos is a dose of medicine that is due later."""
CATS_WITH_TODOS = 10

TIME_TO_FINISH = timedelta(minutes=30)
"""The time from the creation of a done to-do until it was done."""
TODO_DELAY, DOSE_DELAY = timedelta(days=9), timedelta(days=14)
"""The time until the later to-dos and doses are due. /todos/next considers one week."""
TODOS_DUE, DOSES_DUE = timedelta(days=5), timedelta(days=16)
"""The time until /todos/next considers all later to-dos but no dose, and until it considers all doses."""

_COMMON: dict[str, Any] = {"status": "available", "breed": {"primary": "persian"}, "goodWith": {"children": "no"}}
_RARE = _COMMON | {"status": "trial", "breed": {"primary": "siamese"}}
_HIDDEN = _COMMON | {"status": "adopted"}


def cat_name(index: int) -> str:
    """Return the name of the cat with an index."""
    return f"cat {index:07}"


def todo_id(index: int) -> str:
    """Return the id of the to-do with an index."""
    return f"todo-{index:011}"


def generate_items(size: int, now: datetime) -> Iterator[Item]:
    """Yield the items of all cats and to-dos.

    Args:
        size: the number of cats and of to-dos.
        now: the time at which the last one was created.
    """
    yield from _cat_items(size, now)
    for todo in _todos(size, now):
        yield TODO.item(todo, todo.id.replace("todo", "done") if todo.done else todo.id)


def _cat_items(size: int, now: datetime) -> Iterator[Item]:
    """Yield each cat, its history, its change record and its care card. One cat in three is adopted."""
    rare = {size * number // RARE_CATS for number in range(RARE_CATS)}
    bodies = [msgspec.convert(fields | {"name": "cat"}, CreateCat) for fields in (_COMMON, _RARE, _HIDDEN)]
    new_cats = [cats.create(body, "cat", WriteContext("", STAFF, now)) for body in bodies]
    variants = [with_public_version(None, cat) for cat in new_cats]
    for index in range(size):
        at = now - INTERVAL * (size - index)
        variant = variants[1 if index in rare else 2 if index % 3 == 2 else 0]
        cat = replace(variant, name=cat_name(index), uid=_write_id(index), created=at, updated=at)
        yield CARE_CARD.item(care_cards.card_from_cat(cat), cat.uid)
        # Each version has a history entry. The last version overwrites the item of the cat.
        for version, change in enumerate(_changes(cat, VERSIONS if index == 0 else 1), 1):
            item, entry, *records = CAT.writes(change, _write_id(index, version))
            yield dict(entry.item)
        yield from (dict(write.item) for write in (item, *records))


def _changes(cat: Cat, versions: int) -> Iterator[Change[Cat]]:
    """Yield the creation of a cat and its later changes."""
    yield Change(None, cat, "created", STAFF, cat.created)
    for version in range(2, versions + 1):
        before, at = cat, cat.updated + INTERVAL / VERSIONS
        cat = replace(cat, staff_notes=f"Seen {version:02} times.", version=version, updated=at)
        yield Change(Stored(before, ""), cat, "patched", STAFF, at)


def _todos(size: int, now: datetime) -> Iterator[Todo]:
    """Yield some to-dos that are due. One half of the others is done, the other half is due in more than a week."""
    context = WriteContext("", STAFF, now - timedelta(days=2))
    overdue = format_utc(now - timedelta(hours=1))
    due = todos.create(CreateTodo(title="Mend the scratching post", due=overdue), "", context)
    shopping = replace(due, title="Buy litter of the usual sort", kind="shop")
    dose = replace(due, title="A pill", kind="medicine")
    done = todos.update(due, ReplaceTodo(title="Sweep the floor", kind="cleaning", due=overdue, done=True), context)
    for index in range(size):
        at, cat = now - INTERVAL * (size - index), cat_name(index % CATS_WITH_TODOS)
        fields: dict[str, Any] = {"id": todo_id(index), "cat": cat, "created": at, "updated": at}
        if index < DUE_TODOS:
            yield replace(due, **fields)
        elif index % 2 == 0:
            yield replace(done, **fields | {"created": at - TIME_TO_FINISH, "done_at": at})
        elif index % DOSE_EVERY == DUE_TODOS:
            yield replace(dose, **fields, due=format_utc(now + DOSE_DELAY + INTERVAL * index))
        else:
            yield replace(shopping, **fields, due=format_utc(now + TODO_DELAY + INTERVAL * index))


def _write_id(index: int, version: int = 1) -> str:
    """Return the id of the write of a version. It is as long as a random one."""
    return f"{index:011}-{version:04}"
