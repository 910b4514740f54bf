"""Pagination: signed cursors (itsdangerous), the Link header (RFC 8288) and the body of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from flask import Request
from itsdangerous import BadData, URLSafeSerializer

from api.domain.errors import FieldError
from api.http import problem_types
from api.http.problems import ProblemError
from api.http.query_params import Parameter, integer, timestamp
from api.store.paginator import Before, Position

PAGE_PARAMETERS = frozenset({"cursor", "limit", "fields"})
"""Parameters that may change between pages, because they change neither the items of the list nor their order."""

LIMIT = integer("limit", 1, 100, 20, "The maximum number of items on a page.")
CURSOR = Parameter(
    "cursor",
    str,
    "The start of the page: the cursor in the 'next' or 'prev' URL of another page.",
    {"type": "string", "minLength": 24},
    expected="the one in the 'next' or 'prev' URL of another page of this list",
)
UPDATED_SINCE = timestamp(
    "updatedSince",
    "List what changed since this time, in the order of change, with what was deleted. At most 90 days ago. No filter "
    "and no order can be added.",
)


class Paginator:
    """The position and the limit of a request for a page.

    Args:
        key: the secret that signs cursors.
        request: the request.
        args: the values of ``cursor`` and ``limit``.

    Raises:
        ProblemError: 400; the cursor is invalid, or it belongs to another list.
    """

    def __init__(self, key: str, request: Request, args: Mapping[str, Any]) -> None:
        self._key, self._request = key, request
        self.start = verify_cursor(key, request, args["cursor"])
        """Where the page begins or ends. Only lists that give pages a previous one get the end of a page."""
        self.position = None if isinstance(self.start, Before) else self.start
        """The sort key after which the page begins, None for the first page."""
        self.limit: int = args["limit"]

    def page_body(
        self, items: Sequence[Any], position: str | None, before: Before | None = None
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the body of a page, and its headers.

        Args:
            items: the items of the page.
            position: the sort key after which the next page begins; None on the last page.
            before: the end of the previous page; None on the first page.
        """
        positions = {"next": position, "prev": before}
        urls = {name: page_url(self._key, self._request, at) for name, at in positions.items() if at is not None}
        links = ", ".join(f'<{url}>; rel="{name}"' for name, url in urls.items())
        return {"items": items, **urls}, {"Link": links} if links else {}


def sign_cursor(key: str, request: Request, position: str | Before) -> str:
    """Return a cursor: a position, or the end of a page, that is signed together with its list."""
    return _serializer(key, request).dumps(
        [position.position, position.inclusive] if isinstance(position, Before) else position
    )


def verify_cursor(key: str, request: Request, cursor: str | None) -> Position:
    """Return the position of a cursor or the end of a page, None without a cursor.

    Raises:
        ProblemError: 400; the cursor is invalid, or it belongs to another list.
    """
    if cursor is None:
        return None
    try:
        value = _serializer(key, request).loads(cursor)
        position: str | Before = value if isinstance(value, str) else Before(*value)
        # The same signature has several encodings in base64. Only the one that was issued is valid.
        if sign_cursor(key, request, position) == cursor:
            return position
    except BadData:
        pass
    detail = f"cursor must be {CURSOR.expected}."
    error = FieldError("invalid_value", detail, parameter="cursor")
    raise ProblemError(problem_types.BAD_QUERY, detail, errors=[error])


def page_url(key: str, request: Request, position: str | Before) -> str:
    """Return the URL of the request with a cursor for a position."""
    query = [(name, value) for name, value in request.args.items() if name != "cursor"]
    query.append(("cursor", sign_cursor(key, request, position)))
    return f"{quote(request.script_root + request.path)}?{urlencode(query)}"


def _serializer(key: str, request: Request) -> URLSafeSerializer:
    """Return the serializer of the cursors of one list: a path and the parameters that select and order it."""
    query = sorted((name, value) for name, value in request.args.items() if name not in PAGE_PARAMETERS)
    return URLSafeSerializer(key, f"{request.path}?{urlencode(query)}", signer_kwargs={"digest_method": sha256})
