"""How each entity is stored: its key, its index attributes, its expiry, and whether it has a history."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from api.domain import care_cards, cat_views, cats, names, posts, site, todos
from api.domain.care_cards import CareCard
from api.domain.cats import Cat, ChipClaim
from api.domain.erasures import RETENTION, Erasure
from api.domain.photos import PhotoDeletion, Uploads
from api.domain.pies import Pie
from api.domain.posts import Post
from api.domain.sessions import Session, UserSessions
from api.domain.site import Site
from api.domain.todos import Todo
from api.domain.tokens import UserTokens
from api.domain.urgency import HEALTH
from api.domain.users import Author, FirstOwner, User
from api.store import keys
from api.store.repository import Change, Repository

RELEVANT_TODOS = "todos#relevant"
"""Index partition of open to-dos, by the time from which they are relevant.

It is in ``filter1``. To-dos for the health of a cat are also in ``filter2``, so that a long list never hides them.
"""
RELEVANT_CARDS = "care_cards#relevant"
"""Index partition of care cards, by the time from which a derived to-do is relevant.

It is separate from the to-dos because cards are read up to now, and to-dos up to a week ahead.
"""
PUBLIC_CHANGES, STAFF_CHANGES, PUBLICATIONS = "public", "staff", "publications"
"""Lists of changes: those that the public sees, the others, and the posts that are published later."""
NO_BIRTH_DATE = "0000-00-00"
"""Sorts after every birth date when the youngest come first."""


def _audience(cat: Cat) -> str:
    return "public" if cats.is_public(cat) else "hidden"


def _cat_index(cat: Cat, _zone: tzinfo) -> Mapping[str, str]:
    return {
        "list_key": f"cats#{_audience(cat)}",
        "filter1_key": f"cats#{cat.status}",
        "filter2_key": f"cats#{_audience(cat)}#{cat.good_with.children}",
        "by_name": names.sort_key(cat.name),
        "by_time": f"{keys.timestamp_key(cat.created)}#{cat.name}",
        "by_date": f"{cat.birth_date or NO_BIRTH_DATE}#{cat.name}",
    }


def _cat_changes(change: Change[Cat]) -> Mapping[str, datetime | None]:
    before = change.before.value if change.before else None
    public = cat_views.changes_public_view(before, change.after)
    return {PUBLIC_CHANGES if public else STAFF_CHANGES: change.at}


def _post_changes(change: Change[Post]) -> Mapping[str, datetime | None]:
    before, after, at = change.before.value if change.before else None, change.after, change.at
    public = any(post and posts.is_public(post, at) for post in (before, after))
    changes: dict[str, datetime | None] = {PUBLIC_CHANGES if public else STAFF_CHANGES: at}
    if after and not posts.is_public(after, at):
        return changes | {PUBLICATIONS: after.published_at}
    if before and not posts.is_public(before, before.updated):
        return changes | {PUBLICATIONS: None}
    return changes


CAT: Repository[Cat] = Repository(
    "cats",
    Cat,
    key=lambda cat: cat.name,
    index_attributes=_cat_index,
    keeps_history=True,
    changes=_cat_changes,
)
CHIP: Repository[ChipClaim] = Repository("chips", ChipClaim, key=lambda claim: claim.number)

NO_DUE = "9999"
"""Sorts after every due date."""


def _todo_index(todo: Todo, zone: tzinfo) -> Mapping[str, str]:
    if todo.done_at:
        return {"list_key": "todos#done", "by_date": f"{keys.timestamp_key(todo.done_at)}#{todo.id}"}
    until = todos.deadline_of(todo, zone)
    by_due = f"{keys.timestamp_key(until) if until else NO_DUE}#{todo.id}"
    begins = todos.relevant_from(todo, UTC)  # load_candidates reads up to the time zone in which a day ends first
    relevant = {"filter1_key": RELEVANT_TODOS, "by_time": f"{keys.timestamp_key(begins)}#{todo.id}"}
    health = {"filter2_key": RELEVANT_TODOS} if todo.kind in HEALTH else {}
    return {"list_key": "todos#open", "by_date": by_due, **relevant, **health}


def _care_card_index(card: CareCard, _zone: tzinfo) -> Mapping[str, str]:
    at = care_cards.next_visible_at(card)
    return {"filter1_key": RELEVANT_CARDS, "by_time": f"{keys.timestamp_key(at)}#{card.uid}"} if at else {}


TODO: Repository[Todo] = Repository(
    "todos",
    Todo,
    key=lambda todo: todo.id,
    index_attributes=_todo_index,
    changes=lambda change: {STAFF_CHANGES: change.at},
)
CARE_CARD: Repository[CareCard] = Repository(
    "care_cards", CareCard, key=lambda card: card.cat, index_attributes=_care_card_index
)
PIE: Repository[Pie] = Repository(
    "pies",
    Pie,
    key=lambda pie: pie.name,
    index_attributes=lambda pie, _zone: {
        "list_key": "pies",
        "by_name": names.sort_key(pie.name),
        "by_time": f"{keys.timestamp_key(pie.created)}#{pie.name}",
    },
    changes=lambda change: {PUBLIC_CHANGES: change.at},
)
POST: Repository[Post] = Repository(
    "posts",
    Post,
    key=lambda post: str(post.id),
    index_attributes=lambda post, _zone: {
        "list_key": "posts",
        "by_time": f"{keys.timestamp_key(post.published_at)}#{post.id:012}",
    },
    changes=_post_changes,
)
USER: Repository[User] = Repository(
    "users",
    User,
    key=lambda user: user.username,
    index_attributes=lambda user, _zone: {"list_key": "users", "by_name": user.username},
    expires=lambda user: user.expires,
)
AUTHOR: Repository[Author] = Repository("authors", Author, key=lambda author: author.uid)
"""What is shown of a user, by uid. A user of a release without uids has none: the uid is the key of the user.

A user who expires has none either, because the author would not expire."""
SESSION: Repository[Session] = Repository(
    "sessions",
    Session,
    key=lambda session: session.id,
    expires=lambda session: session.expires,
)
USER_SESSIONS: Repository[UserSessions] = Repository(
    "user_sessions",
    UserSessions,
    key=lambda user: user.username,
    expires=lambda user: max(session.expires for session in user.sessions),
)
USER_TOKENS: Repository[UserTokens] = Repository("user_tokens", UserTokens, key=lambda user: user.username)
ERASURE: Repository[Erasure] = Repository(
    "erasures",
    Erasure,
    key=lambda erasure: erasure.id,
    index_attributes=lambda erasure, _zone: {
        "list_key": "erasures",
        "by_time": f"{keys.timestamp_key(erasure.at)}#{erasure.id}",
    },
    expires=lambda erasure: erasure.at + RETENTION,
)
SITE: Repository[Site] = Repository("site", Site, key=lambda _: site.KEY, initial=site.DEFAULT)
UPLOADS: Repository[Uploads] = Repository(
    "uploads",
    Uploads,
    key=lambda uploads: uploads.key,
    expires=lambda uploads: max(upload.expires for upload in uploads.uploads),
)
PHOTO_DELETION: Repository[PhotoDeletion] = Repository(
    "photo_deletions",
    PhotoDeletion,
    key=lambda deletion: deletion.id,
    index_attributes=lambda deletion, _zone: {
        "list_key": "photo_deletions",
        "by_time": f"{keys.timestamp_key(deletion.at)}#{deletion.id}",
    },
)
FIRST_OWNER_KEY = "first-owner"
FIRST_OWNER: Repository[FirstOwner] = Repository("claims", FirstOwner, key=lambda _: FIRST_OWNER_KEY)
