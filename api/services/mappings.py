"""How each entity is stored: its key, its place in the indexes, whether it expires and has a history."""

from __future__ import annotations

from collections.abc import Mapping

from api.domain import care, cats, names, todos
from api.domain.care import Care
from api.domain.cats import Cat
from api.domain.pies import Pie
from api.domain.posts import Post
from api.domain.sessions import Roster, Session
from api.domain.todos import Todo
from api.domain.urgency import HEALTH
from api.domain.users import User
from api.store import keys
from api.store.records import Kind

ATTENTION = "attention"
"""The place of open to-dos, in the order in which they want attention.

Those that a cat's health hangs on stand in a place of their own besides: however much else waits, they are found.
"""
CARDS = "attention#care"
"""The place of the cards of cats in our care. What follows from them is nobody's business before its time, and so they
do not stand among what is looked at a week ahead.
"""
NO_BIRTH_DATE = "0000-00-00"
"""Sorts behind every birth date when the youngest come first."""


def _shelf(cat: Cat) -> str:
    return "public" if cats.is_public(cat) else "hidden"


def _places(cat: Cat) -> Mapping[str, str]:
    return {
        "shelf": f"cats#{_shelf(cat)}",
        "facet1": f"cats#{cat.status}",
        "facet2": f"cats#{_shelf(cat)}#{cat.good_with.children}",
        "by_name": names.order(cat.name),
        "by_time": f"{keys.instant(cat.created)}#{cat.name}",
        "by_date": f"{cat.birth_date or NO_BIRTH_DATE}#{cat.name}",
    }


CAT: Kind[Cat] = Kind("cats", Cat, key=lambda cat: cat.name, places=_places, keeps_history=True)

NO_DUE = "9999"
"""Sorts behind every due."""


def _todo_places(todo: Todo) -> Mapping[str, str]:
    if todo.done_at:
        return {"shelf": "todos#done", "by_date": f"{keys.instant(todo.done_at)}#{todo.id}"}
    until = todos.ends(todo)
    by_due = f"{keys.instant(until) if until else NO_DUE}#{todo.id}"
    waits = {"facet1": ATTENTION, "by_time": f"{keys.instant(todos.wakes(todo))}#{todo.id}"}
    own = {"facet2": ATTENTION} if todo.kind in HEALTH else {}
    return {"shelf": "todos#open", "by_date": by_due, **waits, **own}


def _care_places(card: Care) -> Mapping[str, str]:
    at = care.wakes(card)
    return {"facet1": CARDS, "by_time": f"{keys.instant(at)}#{card.uid}"} if at else {}


TODO: Kind[Todo] = Kind("todos", Todo, key=lambda todo: todo.id, places=_todo_places)
CARE_CARD: Kind[Care] = Kind("care", Care, key=lambda card: card.cat, places=_care_places)
PIE: Kind[Pie] = Kind(
    "pies",
    Pie,
    key=lambda pie: pie.name,
    places=lambda pie: {
        "shelf": "pies",
        "by_name": names.order(pie.name),
        "by_time": f"{keys.instant(pie.created)}#{pie.name}",
    },
)
POST: Kind[Post] = Kind(
    "posts",
    Post,
    key=lambda post: str(post.id),
    places=lambda post: {"shelf": "posts", "by_time": f"{keys.instant(post.published_at)}#{post.id:012}"},
)
USER: Kind[User] = Kind(
    "users",
    User,
    key=lambda user: user.username,
    places=lambda user: {"shelf": "users", "by_name": user.username},
)
SESSION: Kind[Session] = Kind(
    "sessions", Session, key=lambda session: session.id, places=lambda session: {}, expires=lambda one: one.expires
)
USER_SESSIONS: Kind[Roster] = Kind(
    "rosters",
    Roster,
    key=lambda roster: roster.username,
    places=lambda roster: {},
    expires=lambda roster: max(session.expires for session in roster.sessions),
)
