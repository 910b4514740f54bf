"""How those who did something show: by their name, or, once they are deleted, as a former member of staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from api.http.resource import Call
from api.people import signatures


def signed(call: Call, views: Sequence[Any], **members: str) -> list[Any]:
    """Return views in which nobody is named who has been deleted.

    Args:
        call: the request.
        views: structs that name people.
        members: the member that names somebody, and the one that says when they did what they are named for.
    """
    told = [(view, name, getattr(view, name), getattr(view, when)) for view in views for name, when in members.items()]
    shown = signatures(call.services.table, {(who, at) for _, _, who, at in told if who})
    changed: dict[int, dict[str, str]] = {id(view): {} for view in views}
    for view, name, who, at in told:
        if who and shown[who, at] != who:
            changed[id(view)][name] = shown[who, at]
    return [replace(view, **changed[id(view)]) if changed[id(view)] else view for view in views]
