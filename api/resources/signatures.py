"""How those who did something show: by their name, or, once they are deleted, as a former member of staff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.http.resource import Call
from api.services.authors import resolve_authors


def signed(call: Call, views: Sequence[Any], **members: str) -> list[Any]:
    """Return views in which nobody is named who has been deleted.

    Args:
        call: the request.
        views: structs that name people.
        members: the member that names somebody, and the one that says when they did what they are named for.
    """
    return resolve_authors(call.context, views, **members)
