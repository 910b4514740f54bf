"""The page of a cat for the staff: its weights, history and to-dos, in three queries and one batch."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from msgspec.structs import replace

from api.context import Context
from api.domain import care_cards, weights
from api.domain.cat_page import WEIGHTS_SHOWN, StaffCatPage
from api.domain.cat_views import StaffCat
from api.domain.cats import Cat
from api.domain.todos import Todo, TodoView, deadline_of, to_view
from api.domain.users import Author
from api.services.authors import author_key, authors_by_uid, show_assignee, show_username
from api.services.care_cards import TREND_SAMPLE, weight_log
from api.services.mappings import CARE_CARD, CAT, TODO
from api.store.keys import KeyRange
from api.store.repository import get_together

HISTORY_SHOWN = 5
TODOS_READ = 100
"""The number of open to-dos of all cats that are read, by due date. No index has the to-dos of a cat."""


def load_staff_page(context: Context, cat: Cat, view: StaffCat) -> StaffCatPage:
    """Return what the page of a cat shows to the staff. Its view was read before."""
    dependencies, table, now = context.dependencies, context.dependencies.table, context.now
    settings = dependencies.settings
    # The page comes after the record of a weight, which it must show.
    weighings = weight_log(dependencies, cat).newest(TREND_SAMPLE, consistent=True)
    history = CAT.history(table, cat.name, None, HISTORY_SHOWN)
    page = TODO.page(table, [KeyRange("list-by_date", "todos#open")], None, TODOS_READ, None)
    todos = [todo for todo in page.items if todo.cat == cat.name]
    shown = weighings[:WEIGHTS_SHOWN]
    uids = {weighing.by for weighing in shown} | {entry.by for entry in history.items}
    uids |= {todo.assignee for todo in todos if todo.assignee}
    card, *people = get_together(table, (CARE_CARD, cat.name), *map(author_key, sorted(uids)), for_list=True)
    authors = authors_by_uid(person.value for person in people if person)
    derived = care_cards.derived_todos(card.value, now, settings.zone) if card and card.value.uid == cat.uid else []
    in_order = sorted([*todos, *derived], key=lambda todo: _order(todo, settings.zone))
    return StaffCatPage(
        cat=view,
        weights=[replace(weighing, by=show_username(authors.get(weighing.by))) for weighing in shown]
        + weighings[WEIGHTS_SHOWN:],
        assessment=weights.assess(weighings, cat.birth_date, settings.weight_limits, settings.zone),
        history=[replace(entry, by=show_username(authors.get(entry.by))) for entry in history.items],
        has_more_history=history.position is not None,
        todos=[_with_assignee(todo, to_view(todo, now, settings.zone), authors) for todo in in_order],
        has_more_todos=page.position is not None,
        form_key=dependencies.new_id(),
    )


def _with_assignee(todo: Todo, view: TodoView, authors: Mapping[str, Author]) -> TodoView:
    """Return the view of a to-do with the username of its assignee."""
    return replace(view, assignee=show_assignee(authors.get(todo.assignee)) if todo.assignee else None)


def _order(todo: Todo, zone: tzinfo) -> float:
    """Return the sort key of a to-do: its deadline. To-dos without one come last."""
    at = deadline_of(todo, zone)
    return at.timestamp() if at else float("inf")
