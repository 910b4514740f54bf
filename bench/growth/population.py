"""Who lives in a café of any size and what is to be done there, as it lies in the table.

One of each sort is made by the rules of the house, from a body as a client sends it; the others are the same under
another name, a tenth of a second later each. Names and instants are of one width, so that things are of one size.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from api.domain import care_cards, cats, todos
from api.domain.cats import Cat, NewCat
from api.domain.due_dates import format_utc
from api.domain.entity import WriteContext
from api.domain.todos import NewTodo, Todo, TodoBody
from api.services.mappings import CARE_CARD, CAT, TODO
from api.store.repository import Change, Stored
from api.store.transaction import Item

STAFF = "the staff"
APART = timedelta(milliseconds=100)
VERSIONS = 25
"""How often the first cat was written; her history has a second page."""
RARE = 5
"""How many cats a filter finds, however many there are."""
DUE = 25
"""How many to-dos are due, however many there are: /todos/next has more than a page of them."""
DOSES = 200
"""Every one of so many to-dos that are due later is a dose of medicine."""
NAMED = 10
"""How many cats there are to-dos about."""

BEFORE = timedelta(minutes=30)
"""How long before it was done a to-do was noted."""
FAR, FURTHER = timedelta(days=9), timedelta(days=14)
"""When errands become due, and when doses: both beyond the week ahead that /todos/next looks at."""
ERRANDS_DUE, DOSES_DUE = timedelta(days=5), timedelta(days=16)
"""When /todos/next looks at all errands and at no dose yet; when it looks at all doses."""

_COMMON: dict[str, Any] = {"status": "available", "breed": {"primary": "persian"}, "goodWith": {"children": "no"}}
_RARE = _COMMON | {"status": "trial", "breed": {"primary": "siamese"}}
_HIDDEN = _COMMON | {"status": "adopted"}


def cat_name(place: int) -> str:
    """Return the name of a cat by her place, from 0 on."""
    return f"cat {place:07}"


def todo_id(place: int) -> str:
    """Return the id of a to-do by its place, from 0 on."""
    return f"todo-{place:011}"


def items(number: int, now: datetime) -> Iterator[Item]:
    """Yield what lies in the table when cats and to-dos have come one after the other until now.

    Args:
        number: how many cats, and how many to-dos.
        now: the instant at which the last one has come.
    """
    yield from _cats(number, now)
    for todo in _todos(number, now):
        yield TODO.item(todo, todo.id.replace("todo", "done") if todo.done else todo.id)


def _cats(number: int, now: datetime) -> Iterator[Item]:
    """Yield each cat as she is, her history and her care card; one in three has been adopted."""
    rare = {number * part // RARE for part in range(RARE)}
    sorts = [cats.create(msgspec.convert(told | {"name": "cat"}, NewCat), "cat", WriteContext("", STAFF, now))
             for told in (_COMMON, _RARE, _HIDDEN)]  # fmt: skip
    for place in range(number):
        at = now - APART * (number - place)
        sort = sorts[1 if place in rare else 2 if place % 3 == 2 else 0]
        cat = replace(sort, name=cat_name(place), uid=_act(place), created=at, updated=at)
        yield CARE_CARD.item(care_cards.card_from_cat(cat), cat.uid)
        # An entry of each version stays in her history; what was written last is she herself.
        for version, change in enumerate(_changes(cat, VERSIONS if place == 0 else 1), 1):
            thing, entry = CAT.writes(change, _act(place, version))
            yield dict(entry.item)
        yield dict(thing.item)


def _changes(cat: Cat, number: int) -> Iterator[Change[Cat]]:
    """Yield how a cat was created, and what was written of her after that, one version each."""
    yield Change(None, cat, "created", STAFF, cat.created)
    for version in range(2, number + 1):
        before, at = cat, cat.updated + APART / VERSIONS
        cat = replace(cat, staff_notes=f"Seen {version:02} times.", version=version, updated=at)
        yield Change(Stored(before, ""), cat, "patched", STAFF, at)


def _todos(number: int, now: datetime) -> Iterator[Todo]:
    """Yield some that are due; of the others one half is done, and one half due in more than a week."""
    early = WriteContext("", STAFF, now - timedelta(days=2))
    late = format_utc(now - timedelta(hours=1))
    due = todos.create(NewTodo(title="Mend the scratching post", due=late), "", early)
    errand = replace(due, title="Buy litter of the usual sort", kind="shop")
    dose = replace(due, title="A pill", kind="medicine")
    done = todos.update(due, TodoBody(title="Sweep the floor", kind="cleaning", due=late, done=True), early)
    for place in range(number):
        at, cat = now - APART * (number - place), cat_name(place % NAMED)
        new: dict[str, Any] = {"id": todo_id(place), "cat": cat, "created": at, "updated": at}
        if place < DUE:
            yield replace(due, **new)
        elif place % 2 == 0:
            yield replace(done, **new | {"created": at - BEFORE, "done_at": at})
        elif place % DOSES == DUE:
            yield replace(dose, **new, due=format_utc(now + FURTHER + APART * place))
        else:
            yield replace(errand, **new, due=format_utc(now + FAR + APART * place))


def _act(place: int, version: int = 1) -> str:
    """Return the name of the act that wrote a version of a cat, as long as a random one."""
    return f"{place:011}-{version:04}"
