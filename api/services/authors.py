"""Authors in views. What is stored refers to a user by uid; the view shows the name that the user has now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.domain.users import DELETED_USER_LABEL, STAFF_LABEL, UID_PREFIX, Author, User, is_active_staff, to_author
from api.services.mappings import AUTHOR, USER
from api.store.repository import Repository, get_together
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, TransactItem

V = TypeVar("V", bound=Struct)

Show = Callable[[Author | None], str | None]
"""Return what a view shows of a user; None is a deleted user."""


def author_key(uid: str) -> tuple[Repository[Author] | Repository[User], str]:
    """Return where the author with a uid is stored: at the user itself for a user of a release without uids."""
    return (AUTHOR if uid.startswith(UID_PREFIX) else USER), uid


def get_authors(table: Table, uids: Iterable[str]) -> dict[str, Author]:
    """Return authors by uid, in one round trip. A deleted user is not among them."""
    wanted = [author_key(uid) for uid in sorted(set(uids))]
    records = get_together(table, *wanted, for_list=True) if wanted else []
    return authors_by_uid(record.value for record in records if record)


def authors_by_uid(entities: Iterable[Author | User]) -> dict[str, Author]:
    """Return the authors of what ``author_key`` has found. A user with the name of a deleted one has another uid."""
    return {entity.uid: to_author(entity) for entity in entities}


def author_writes(before: User | None, after: User | None, rev: str) -> list[TransactItem]:
    """Return the write of an author after a change of the user, whose condition guards it; none without a change."""
    if after is None:
        return [AUTHOR.delete(before.uid, UNCONDITIONAL)] if before else []
    if after.expires or not after.uid.startswith(UID_PREFIX) or (before and to_author(before) == to_author(after)):
        return []
    return [AUTHOR.put(to_author(after), rev, UNCONDITIONAL)]


def show_username(author: Author | None) -> str:
    """Return the username, for the staff."""
    return author.username if author else DELETED_USER_LABEL


def show_display_name(author: Author | None) -> str:
    """Return the display name, for the public: usernames are for logins."""
    return (author.display_name or STAFF_LABEL) if author else DELETED_USER_LABEL


def show_assignee(author: Author | None) -> str | None:
    """Return the username of an assignee; None if the to-do has no assignee any more."""
    return author.username if author and is_active_staff(author) else None


def resolve_authors(context: Context, views: Sequence[V], **fields: Show) -> list[V]:
    """Return views with names in place of uids.

    Args:
        context: the context, for the table.
        views: structs with uids.
        fields: the fields with uids, each with the function that returns what is shown.
    """
    uids = {uid for view in views for field in fields if (uid := getattr(view, field))}
    authors = get_authors(context.dependencies.table, uids)
    return [
        replace(view, **{name: show(authors.get(uid)) for name, show in fields.items() if (uid := getattr(view, name))})
        for view in views
    ]


def find_assignee(context: Context, username: str | None) -> str | None:
    """Return the uid of an active member of the staff with a normalised username, or None."""
    record = USER.get(context.dependencies.table, username, consistent=True) if username else None
    return record.value.uid if record and is_active_staff(record.value) else None
