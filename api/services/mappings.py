"""How each entity is stored: its key, its place in the indexes, whether it expires and has a history."""

from __future__ import annotations

from collections.abc import Mapping

from api.domain import care_cards, cats, names, todos
from api.domain.care_cards import CareCard
from api.domain.cats import Cat
from api.domain.pies import Pie
from api.domain.posts import Post
from api.domain.sessions import Session, UserSessions
from api.domain.todos import Todo
from api.domain.urgency import HEALTH
from api.domain.users import User
from api.store import keys
from api.store.repository import Repository

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


def _audience(cat: Cat) -> str:
    return "public" if cats.is_public(cat) else "hidden"


def _cat_index(cat: Cat) -> Mapping[str, str]:
    return {
        "shelf": f"cats#{_audience(cat)}",
        "facet1": f"cats#{cat.status}",
        "facet2": f"cats#{_audience(cat)}#{cat.good_with.children}",
        "by_name": names.sort_key(cat.name),
        "by_time": f"{keys.timestamp_key(cat.created)}#{cat.name}",
        "by_date": f"{cat.birth_date or NO_BIRTH_DATE}#{cat.name}",
    }


CAT: Repository[Cat] = Repository(
    "cats", Cat, key=lambda cat: cat.name, index_attributes=_cat_index, keeps_history=True
)

NO_DUE = "9999"
"""Sorts behind every due."""


def _todo_index(todo: Todo) -> Mapping[str, str]:
    if todo.done_at:
        return {"shelf": "todos#done", "by_date": f"{keys.timestamp_key(todo.done_at)}#{todo.id}"}
    until = todos.deadline_of(todo)
    by_due = f"{keys.timestamp_key(until) if until else NO_DUE}#{todo.id}"
    waits = {"facet1": ATTENTION, "by_time": f"{keys.timestamp_key(todos.relevant_from(todo))}#{todo.id}"}
    own = {"facet2": ATTENTION} if todo.kind in HEALTH else {}
    return {"shelf": "todos#open", "by_date": by_due, **waits, **own}


def _care_card_index(card: CareCard) -> Mapping[str, str]:
    at = care_cards.next_visible_at(card)
    return {"facet1": CARDS, "by_time": f"{keys.timestamp_key(at)}#{card.uid}"} if at else {}


TODO: Repository[Todo] = Repository("todos", Todo, key=lambda todo: todo.id, index_attributes=_todo_index)
CARE_CARD: Repository[CareCard] = Repository(
    "care", CareCard, key=lambda card: card.cat, index_attributes=_care_card_index
)
PIE: Repository[Pie] = Repository(
    "pies",
    Pie,
    key=lambda pie: pie.name,
    index_attributes=lambda pie: {
        "shelf": "pies",
        "by_name": names.sort_key(pie.name),
        "by_time": f"{keys.timestamp_key(pie.created)}#{pie.name}",
    },
)
POST: Repository[Post] = Repository(
    "posts",
    Post,
    key=lambda post: str(post.id),
    index_attributes=lambda post: {
        "shelf": "posts",
        "by_time": f"{keys.timestamp_key(post.published_at)}#{post.id:012}",
    },
)
USER: Repository[User] = Repository(
    "users",
    User,
    key=lambda user: user.username,
    index_attributes=lambda user: {"shelf": "users", "by_name": user.username},
)
SESSION: Repository[Session] = Repository(
    "sessions",
    Session,
    key=lambda session: session.id,
    index_attributes=lambda session: {},
    expires=lambda one: one.expires,
)
USER_SESSIONS: Repository[UserSessions] = Repository(
    "rosters",
    UserSessions,
    key=lambda roster: roster.username,
    expires=lambda roster: max(session.expires for session in roster.sessions),
)
