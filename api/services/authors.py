"""Authors in views: deleted users appear with a label instead of their username."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.services.accounts import resolve_author_names

V = TypeVar("V", bound=Struct)


def resolve_authors(context: Context, views: Sequence[V], **fields: str) -> list[V]:
    """Return views with the labels of deleted users instead of their usernames.

    Args:
        context: the context, for the table.
        views: structs with usernames.
        fields: the fields with usernames, each with the name of the field that has the time of its action.
    """
    table = context.dependencies.table
    pairs = {(getattr(view, field), getattr(view, time)) for view in views for field, time in fields.items()}
    labels = resolve_author_names(table, {(username, at) for username, at in pairs if username})
    resolved = []
    for view in views:
        usernames = {field: (getattr(view, field), getattr(view, time)) for field, time in fields.items()}
        changes = {field: labels[pair] for field, pair in usernames.items() if pair[0] and labels[pair] != pair[0]}
        resolved.append(replace(view, **changes) if changes else view)
    return resolved
