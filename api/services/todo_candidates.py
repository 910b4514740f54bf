"""The candidates for ``/todos/next``: open to-dos, derived to-dos, their cats, and who is assigned.

The index orders to-dos and care cards by the time from which they are relevant. One query finds all to-dos that are
relevant now, and one query finds all care cards. To-dos that are done or far in the future cost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import inf
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from api.context import Dependencies
from api.domain import care_cards
from api.domain.cats import Cat
from api.domain.todos import Todo, relevant_from
from api.domain.users import Author, User, is_active_staff
from api.services.authors import author_key, authors_by_uid
from api.services.mappings import CARE_CARD, CAT, RELEVANT_CARDS, RELEVANT_TODOS, TODO
from api.services.todos import MAX_CHECKED
from api.store import keys
from api.store.keys import LAST, KeyRange
from api.store.repository import Repository, get_together
from api.store.table import Table

T = TypeVar("T", bound=Struct)

EASTERNMOST = timedelta(hours=14)
"""The offset of the time zone in which a day ends first."""
MAX_CANDIDATES = 1000
"""The number of the oldest relevant to-dos that are ranked. To-dos for the health of a cat are always ranked."""


def load_candidates(dependencies: Dependencies, now: datetime) -> tuple[list[Todo], dict[str, Cat]]:
    """Return the relevant open to-dos, with derived to-dos and blockers, and their cats by name.

    A to-do that is due later is relevant as soon as its due date counts for its points or its tier.
    """
    settings, table, zone = dependencies.settings, dependencies.table, dependencies.settings.zone
    lead = timedelta(hours=max(settings.urgency_lead_hours, settings.urgency_soon_hours))
    # The index is in UTC, so that it stays right when the time zone of the café changes.
    until = keys.timestamp_key(now + lead + EASTERNMOST) + LAST
    todos, more = _read_all(table, TODO, KeyRange("filter1-by_time", RELEVANT_TODOS, high=until), MAX_CANDIDATES)
    if more:  # a long list must not hide a to-do for the health of a cat
        todos += _read_all(table, TODO, KeyRange("filter2-by_time", RELEVANT_TODOS, high=until), inf)[0]
    todos = [todo for todo in todos if relevant_from(todo, zone) <= now + lead]
    until = keys.timestamp_key(now + EASTERNMOST) + LAST
    cards, _ = _read_all(table, CARE_CARD, KeyRange("filter1-by_time", RELEVANT_CARDS, high=until), inf)
    derived = [todo for card in cards for todo in care_cards.derived_todos(card, now, zone)]
    return _with_references(table, [*todos, *derived])


def _read_all(table: Table, repository: Repository[T], span: KeyRange, at_least: float) -> tuple[list[T], bool]:
    """Return the first entities of a key range, all or at least the given number, and whether there are more."""
    entities, position, more = list[T](), None, True
    while more and len(entities) < at_least:  # a page may be short, because its size in bytes is limited
        page = repository.page(table, [span], position, MAX_CANDIDATES, None)
        entities, position, more = entities + page.items, page.position, page.position is not None
    return entities, more


def _with_references(table: Table, todos: Sequence[Todo]) -> tuple[list[Todo], dict[str, Cat]]:
    """Add all direct and indirect blockers, and return them with the cats. One round trip for each link of a chain.

    A chain can be longer than a write allows, because blockers of blockers may be added later. Its first MAX_CHECKED
    links are read, and the last of these is ranked.

    An assignee who is not an active member of the staff any more counts as none, so that somebody does the to-do.
    """
    all_todos, cats, people = list(todos), dict[str, Cat](), list[Author | User]()
    new, known = all_todos, {(TODO.collection, todo.id) for todo in todos}
    for _ in range(MAX_CHECKED):
        references = {(repository.collection, key): repository for repository, key in _references(new)}
        wanted = {name: repository for name, repository in references.items() if name not in known}
        if not wanted:
            break
        known |= wanted.keys()
        records = get_together(table, *((wanted[name], name[1]) for name in sorted(wanted)), for_list=True)
        entities = [record.value for record in records if record]
        cats |= {cat.name: cat for cat in entities if isinstance(cat, Cat)}
        people += [person for person in entities if isinstance(person, Author | User)]
        new = [todo for todo in entities if isinstance(todo, Todo)]
        all_todos += new
    staff = {None, *(uid for uid, author in authors_by_uid(people).items() if is_active_staff(author))}
    return [todo if todo.assignee in staff else replace(todo, assignee=None) for todo in all_todos], cats


def _references(todos: Sequence[Todo]) -> list[tuple[Repository[Any], str]]:
    """Return the blockers, the cats and the assignees of open to-dos."""
    open_todos = [todo for todo in todos if not todo.done]
    blockers = [(TODO, key) for todo in open_todos for key in todo.blocked_by]
    assignees = [author_key(todo.assignee) for todo in open_todos if todo.assignee]
    return [*blockers, *((CAT, todo.cat) for todo in open_todos if todo.cat), *assignees]
