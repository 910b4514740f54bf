"""Idempotency-Key: a POST that is sent twice takes effect once (draft-ietf-httpapi-idempotency-key-header).

The transaction that makes the effect also saves the response. So neither exists without the other, and no state "in
progress" is stored. Of two concurrent requests, one writes, and the other one replays the saved response. Libraries
such as Powertools for AWS Lambda save the response in a write of its own, which is not atomic with the effect.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, cast

from flask import Request
from msgspec import Struct
from msgspec.structs import replace

from api.domain.errors import ClowderError, FieldError, IdempotencyKeyReused
from api.http import problem_types
from api.http.problems import ProblemError
from api.store import keys
from api.store.table import Table
from api.store.transaction import Item, TransactItem, Write, retry_on_conflict

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
"""The response header of a replay; its value is ``true``."""
LIFETIME = timedelta(hours=24)
KEY = re.compile(r'"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,255}"|[\x21\x23-\x7e]{1,255}')


class SavedResponse(Struct, frozen=True):
    """The response to the first request with a key."""

    status: int
    location: str
    rev: str
    body: bytes
    """Empty in the table if it has personal data. A replay then builds it from the request."""
    at: datetime | None = None
    """The time of the first request; None in the table of an earlier release."""
    replayed: bool = False


class IdempotentRequest:
    """A POST request with or without a key.

    Args:
        request: the request.
        key: the key: the value of Idempotency-Key, or of the field of a form; None without one.
        parse: returns the parsed body, and whether it is a form.
        table: the table with the saved responses.
        caller: the uid, or an empty text for an anonymous caller.
        now: the time of the request.
        secret: the key of fingerprints.
    """

    def __init__(
        self,
        request: Request,
        key: str | None,
        parse: Callable[[], tuple[dict[str, Any], bool]],
        table: Table,
        caller: str,
        now: datetime,
        secret: str,
    ) -> None:
        self._request, self._parse = request, parse
        self._table, self._caller, self._now = table, caller, now
        self._secret = secret.encode()
        self._key = None if key is None else _parse_key(key)
        self._stale: str | None = None

    def replay(self) -> SavedResponse | None:
        """Return the saved response of an earlier request with the same key, or None.

        Raises:
            IdempotencyKeyReused: the earlier request had other content.
        """
        if self._key is None:
            return None
        # DynamoDB may have deleted the expired item since the last attempt.
        self._stale = None
        item = self._table.get(self._item_key(), consistent=True)
        if item is None:
            return None
        if cast(int, item["expires"]) <= self._now.timestamp():
            self._stale = cast(str, item["rev"])
            return None
        if item["fingerprint"] != self._fingerprint:
            raise IdempotencyKeyReused(problem_types.IDEMPOTENCY_KEY_REUSED.explanation)
        return SavedResponse(
            cast(int, item["status"]),
            cast(str, item["location"]),
            cast(str, item["version"]),
            cast(str, item["body"]).encode(),
            datetime.fromisoformat(cast(str, item["at"])) if "at" in item else None,
            replayed=True,
        )

    def run(
        self, plan: Callable[[], tuple[SavedResponse, Sequence[Write]]], *, saves_body: bool = True
    ) -> SavedResponse:
        """Return the response of a plan. Its writes are made once for each key.

        Args:
            plan: returns the response and the writes; it is called again after a lost race.
            saves_body: whether the body is saved with the response.
        """

        def attempt() -> SavedResponse:
            if saved := self.replay():
                return saved
            try:
                response, writes = plan()
            except ClowderError:
                # The first request with the key may be the cause: it was committed after the key was read.
                if saved := self.replay():
                    return saved
                raise
            to_save = response if saves_body else replace(response, body=b"")
            self._table.transact([*writes, *self.writes(to_save, response.rev)], response.rev)
            return response

        return retry_on_conflict(attempt)

    def writes(self, response: SavedResponse, rev: str) -> list[TransactItem]:
        """Return the write that saves a response; none without a key."""
        if self._key is None:
            return []
        item: Item = {
            **self._item_key(),
            "rev": rev,
            "fingerprint": self._fingerprint,
            "status": response.status,
            "location": response.location,
            "version": response.rev,
            "body": response.body.decode(),
            "at": self._now.isoformat(),
            "expires": int((self._now + LIFETIME).timestamp()),
        }
        return [TransactItem("Put", item, self._stale)]

    def _item_key(self) -> keys.Key:
        hashed = sha256(cast(str, self._key).encode()).hexdigest()
        return keys.item_key("idempotency", f"{self._caller or self._anonymous_scope}#{hashed}")

    @cached_property
    def _anonymous_scope(self) -> str:
        """The scope of an anonymous caller. Several of them can have one address, so the content is a part of it."""
        return f"anonymous:{self._digest(f'{self._request.remote_addr} {self._fingerprint}')}"

    @cached_property
    def _fingerprint(self) -> str:
        """The digest of the method, the path and the parsed body. White space and the order of members do not count."""
        body, is_form = self._parse()
        content = [self._request.method, self._request.path, "form" if is_form else "JSON", _canonical(body)]
        return self._digest(json.dumps(content, sort_keys=True))

    def _digest(self, text: str) -> str:
        # Keyed with a secret, so that a reader of the table cannot guess the password of a registration.
        return hmac.digest(self._secret, text.encode(), "sha256").hex()


def _canonical(value: Any) -> Any:
    """Return a JSON value in which equal numbers are equal: 1.0 is 1."""
    if isinstance(value, dict):
        return {name: _canonical(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _parse_key(header: str) -> str:
    """Return the key: a quoted string as in the draft, or the bare text that most clients send."""
    if not KEY.fullmatch(header.strip()):
        detail = "Idempotency-Key must be 1 to 255 printable ASCII characters, with or without quotation marks."
        raise ProblemError(
            problem_types.MALFORMED, detail, errors=[FieldError("invalid_format", detail, header=HEADER)]
        )
    return header.strip().strip('"')
