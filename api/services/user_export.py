"""The export of a user: the profile, the sessions and what the user wrote (GDPR, articles 15 and 20)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.domain import posts, todos
from api.domain.entity import ApiStruct, HistoryEntry, project
from api.domain.posts import Post, PostView
from api.domain.sessions import Session, SessionView, unexpired
from api.domain.todos import Todo, TodoView
from api.domain.tokens import ApiToken, TokenView, valid_tokens
from api.domain.users import STAFF_LABEL, User, UserView, to_author, to_view
from api.domain.weights import Weight
from api.services.authors import show_display_name
from api.services.mappings import CAT, POST, TODO, USER_SESSIONS, USER_TOKENS
from api.services.sessions import session_list
from api.store import keys
from api.store.keys import HISTORY, Item, KeyRange
from api.store.paginator import Page, read_page
from api.store.repository import get_together, read_entry, read_listed

_WEIGHING = msgspec.json.Decoder(Weight)


class ExportedEntry(HistoryEntry, frozen=True, kw_only=True):
    """An entry of the history of a cat."""

    cat: str


class ExportedWeight(Weight, frozen=True, kw_only=True):
    """A weighing of a cat."""

    cat: str


class UserExport(ApiStruct, frozen=True, kw_only=True):
    """A page of the profile, the sessions and what a user wrote. Other users are not named."""

    profile: UserView
    sessions: tuple[SessionView, ...]
    """Only on the first page."""
    tokens: tuple[TokenView, ...]
    """The API tokens, without their texts. Only on the first page."""
    posts: tuple[PostView, ...]
    """Posts that the user wrote."""
    todos: tuple[TodoView, ...]
    """To-dos that the user created or did, or that are assigned to them."""
    weighings: tuple[ExportedWeight, ...]
    history: tuple[ExportedEntry, ...]
    """Changes of cats by the user."""
    next: str | None
    """The URL of the next page; null on the last page."""


class _Section(Struct, frozen=True):
    """A list that has entities of the user."""

    span: KeyRange
    read: Callable[[Item], Any]
    matches: Callable[[Any], bool] | None


def _sections(uid: str) -> Sequence[_Section]:
    def has_part(todo: Todo) -> bool:
        return uid in (todo.by, todo.done_by, todo.assignee)

    def is_author(post: Post) -> bool:
        return post.author == uid

    return (
        _Section(KeyRange("list-by_time", "posts", reverse=True), POST.try_read_value, is_author),
        _Section(KeyRange("list-by_date", "todos#open"), TODO.try_read_value, has_part),
        _Section(KeyRange("list-by_date", "todos#done", reverse=True), TODO.try_read_value, has_part),
        _Section(keys.author_range(uid), _read_entry, None),
    )


def _read_entry(item: Item) -> ExportedEntry | ExportedWeight | None:
    """Return an entry of the history or of the weights of a cat; None if this release cannot read it."""
    cat = cast(str, item["pk"]).removeprefix(f"{CAT.collection}#")
    if cast(str, item["sk"]).startswith(HISTORY):
        entry = read_entry(item)
        return project(ExportedEntry, entry, cat=cat) if entry else None
    weighing = read_listed(_WEIGHING, "doc", item)
    return project(ExportedWeight, weighing, cat=cat) if weighing else None


def read_export(context: Context, user: User, position: str | None, limit: int) -> tuple[UserExport, str | None]:
    """Return a page of the export of a user, and the position of the next page.

    Args:
        context: the context.
        user: the user.
        position: the position of the page: the number of a section and a position in it.
        limit: the most entities of the page. Each section reads at most ten times as many.
    """
    page = _read_sections(context, _sections(user.uid), position, limit)
    return _view(context, user, page.items, first=position is None), page.position


def _read_sections(context: Context, sections: Sequence[_Section], position: str | None, limit: int) -> Page[Any]:
    """Return a page of the sections, one after the other."""
    first, _, start = (position or "0:").partition(":")
    entities = list[Any]()
    for number, section in list(enumerate(sections))[int(first) :]:
        if len(entities) == limit:
            return Page(entities, f"{number}:")
        page = read_page(
            context.dependencies.table,
            [section.span],
            start or None,
            limit - len(entities),
            section.read,
            section.matches,
        )
        entities += page.items
        if page.position is not None:
            return Page(entities, f"{number}:{page.position}")
        start = ""
    return Page(entities, None)


def _sessions_and_tokens(context: Context, user: User) -> tuple[Sequence[Session], Sequence[ApiToken]]:
    """Return the sessions and the API tokens of a user that have not expired, in one round trip."""
    table, username = context.dependencies.table, user.username
    sessions, tokens = get_together(table, (USER_SESSIONS, username), (USER_TOKENS, username))
    own = tokens.value.tokens if tokens and tokens.value.uid == user.uid else ()
    return unexpired(session_list(sessions), context.now), valid_tokens(own, context.now)


def _view(context: Context, user: User, entities: Sequence[Any], *, first: bool) -> UserExport:
    def name(uid: str) -> str:
        return user.username if uid == user.uid else STAFF_LABEL

    def todo_view(todo: Todo) -> TodoView:
        return replace(
            todos.to_view(todo, context.now, context.dependencies.settings.zone),
            by=name(todo.by),
            done_by=todo.done_by and name(todo.done_by),
            assignee=todo.assignee and name(todo.assignee),
        )

    sessions, tokens = _sessions_and_tokens(context, user) if first else ((), ())
    author = show_display_name(to_author(user))
    return UserExport(
        profile=to_view(user),
        sessions=tuple(
            project(SessionView, session, current=session.id == context.principal.session) for session in sessions
        ),
        tokens=tuple(project(TokenView, token, current=token.id == context.principal.token) for token in tokens),
        posts=tuple(replace(posts.to_view(e, context.root), author=author) for e in entities if isinstance(e, Post)),
        todos=tuple(todo_view(e) for e in entities if isinstance(e, Todo)),
        weighings=tuple(replace(e, by=name(e.by)) for e in entities if isinstance(e, ExportedWeight)),
        history=tuple(replace(e, by=name(e.by)) for e in entities if isinstance(e, ExportedEntry)),
        next=None,
    )
