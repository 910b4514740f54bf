"""How authors are shown: by their name, or, once they are deleted, as a former member of staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.services.accounts import resolve_author_names

V = TypeVar("V", bound=Struct)


def resolve_authors(context: Context, views: Sequence[V], **fields: str) -> list[V]:
    """Return views in which no deleted user is named.

    Args:
        context: where the users are read.
        views: structs that name users.
        fields: the field that names a user, and the one that says when they did what they are named for.
    """
    told = [(view, name, getattr(view, name), getattr(view, when)) for view in views for name, when in fields.items()]
    shown = resolve_author_names(context.dependencies.table, {(who, at) for _, _, who, at in told if who})
    changed: dict[int, dict[str, str]] = {id(view): {} for view in views}
    for view, name, who, at in told:
        if who and shown[who, at] != who:
            changed[id(view)][name] = shown[who, at]
    return [replace(view, **changed[id(view)]) if changed[id(view)] else view for view in views]
