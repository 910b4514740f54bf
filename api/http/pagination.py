"""Lists in pages: opaque signed cursors, the Link header, the envelope."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Request

from api.domain.errors import FieldError
from api.http import problem_types
from api.http.problems import ProblemError
from api.http.query_params import Parameter, integer

MAC_BYTES = 16
_FREE = frozenset({"cursor", "limit", "fields"})
"""Arguments that may change from page to page: they choose no other entities and no other order."""

LIMIT = integer("limit", 1, 100, 20, "How many entities a page has at the most.")
CURSOR = Parameter(
    "cursor",
    str,
    "Where the page begins: the value that 'next' of the page before gave.",
    {"type": "string", "minLength": 24},
)


class Paginator:
    """Where a caller is in a list, and how they get on.

    Args:
        key: the secret that signs cursors.
        request: names the list.
        args: ``cursor`` and ``limit``, as they were read.

    Raises:
        ProblemError: 400; the cursor was changed, or it belongs to another list.
    """

    def __init__(self, key: str, request: Request, args: Mapping[str, Any]) -> None:
        self._key, self._request = key, request
        self.position = verify_cursor(key, request, args["cursor"])
        """The sort key after which the page begins, None for the first page."""
        self.limit: int = args["limit"]

    def envelope(self, items: Sequence[Any], position: str | None) -> tuple[dict[str, Any], dict[str, str]]:
        """Return the members of a page, and its Link header (RFC 8288).

        Args:
            items: what the page shows.
            position: where the next page begins; None on the last one.
        """
        if position is None:
            return {"items": items}, {}
        onward = _next_url(self._key, self._request, position)
        return {"items": items, "next": onward}, {"Link": f'<{onward}>; rel="next"'}


def sign_cursor(key: str, request: Request, position: str) -> str:
    """Return a cursor: a position, signed together with the list that it belongs to."""
    raw = position.encode()
    return urlsafe_b64encode(_mac(key, request, raw) + raw).rstrip(b"=").decode()


def verify_cursor(key: str, request: Request, cursor: str | None) -> str | None:
    """Return the position of a cursor, None without one.

    Raises:
        ProblemError: 400; the cursor was changed, or it belongs to another list.
    """
    if cursor is None:
        return None
    try:
        position = urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4))[MAC_BYTES:].decode()
        # The whole text is compared: base64 has several spellings of the same bytes.
        if hmac.compare_digest(sign_cursor(key, request, position).encode(), cursor.encode()):
            return position
    except ValueError:
        pass
    detail = f"cursor: {CURSOR.help} This one is not from this list."
    raise ProblemError(problem_types.BAD_QUERY, detail, faults=[FieldError(detail, parameter="cursor")])


def _next_url(key: str, request: Request, position: str) -> str:
    kept = [(name, value) for name, value in request.args.items() if name != "cursor"]
    return f"{request.script_root}{request.path}?{urlencode([*kept, ('cursor', sign_cursor(key, request, position))])}"


def _mac(key: str, request: Request, position: bytes) -> bytes:
    chosen = sorted((name, value) for name, value in request.args.items() if name not in _FREE)
    text = f"{request.path}?{urlencode(chosen)}\n".encode()
    return hmac.digest(key.encode(), text + position, "sha256")[:MAC_BYTES]
