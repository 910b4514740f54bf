"""Idempotency-Key: a POST that is sent twice happens once (draft-ietf-httpapi-idempotency-key-header).

The answer is kept in the very transaction that makes the effect. So there is no moment at which one is there
without the other, and nothing is ever "in flight" in the table: of two requests at once, one writes, the other finds
the first one's answer and gives it again.
"""

from __future__ import annotations

import hmac
import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import cast

from flask import Request
from msgspec import Struct

from api.domain.errors import FieldError, IdempotencyKeyReused
from api.http import problem_types
from api.http.problems import ProblemError
from api.store import keys
from api.store.table import Table
from api.store.transaction import Item, TransactItem

HEADER = "Idempotency-Key"
LIFETIME = timedelta(hours=24)
KEY = re.compile(r'"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255}')


class SavedResponse(Struct, frozen=True):
    """An answer as it is kept."""

    status: int
    location: str
    rev: str
    body: bytes


class IdempotentRequest:
    """One POST that came with a key, or without."""

    def __init__(self, request: Request, table: Table, caller: str | None, now: datetime, secret: str) -> None:
        self._table = table
        self._secret = secret.encode()
        self._now = now
        self._key = _key(request)
        self._scope = caller or f"address:{request.remote_addr}"
        self._request = request
        self._stale: str | None = None

    def replay(self) -> SavedResponse | None:
        """Return the answer that was given to this request before, if it was.

        Raises:
            IdempotencyKeyReused: the key came before with another request.
        """
        if self._key is None:
            return None
        # What was stale when this was tried before may be gone by now: the table forgets what has expired.
        self._stale = None
        item = self._table.get(self._own(), consistent=True)
        if item is None:
            return None
        if cast(int, item["expires"]) <= self._now.timestamp():
            self._stale = cast(str, item["rev"])
            return None
        if item["fingerprint"] != self._fingerprint():
            raise IdempotencyKeyReused(problem_types.KEY_REUSED.explanation)
        return SavedResponse(
            cast(int, item["status"]),
            cast(str, item["location"]),
            cast(str, item["thing"]),
            cast(str, item["body"]).encode(),
        )

    def writes(self, answer: SavedResponse, rev: str) -> list[TransactItem]:
        """Return the write that keeps an answer; none without a key."""
        if self._key is None:
            return []
        item: Item = {
            **self._own(),
            "rev": rev,
            "fingerprint": self._fingerprint(),
            "status": answer.status,
            "location": answer.location,
            "thing": answer.rev,
            "body": answer.body.decode(),
            "expires": int((self._now + LIFETIME).timestamp()),
        }
        return [TransactItem("Put", item, self._stale)]

    def _own(self) -> keys.Key:
        hashed = sha256(cast(str, self._key).encode()).hexdigest()
        return keys.item_key("idempotency", f"{self._scope}#{hashed}")

    def _fingerprint(self) -> str:
        request = self._request
        head = f"{request.method} {request.path}\n{request.mimetype}\n".encode()
        # With a secret: nobody who reads the table can try out which password a registration had.
        return hmac.digest(self._secret, head + request.get_data(cache=True), "sha256").hex()


def _key(request: Request) -> str | None:
    """Return the key: the draft's quoted string, or the bare text that most clients send."""
    header = request.headers.get(HEADER)
    if header is None:
        return None
    if not KEY.fullmatch(header.strip()):
        detail = "An Idempotency-Key is one quoted string of 1 to 255 printable ASCII characters."
        raise ProblemError(problem_types.MALFORMED, detail, faults=[FieldError(detail, header=HEADER)])
    return header.strip().strip('"')
