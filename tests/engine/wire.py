"""The wire between the store and the engine, and what can happen on it."""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api.store import wire
from api.store.line import NoReply, Reply
from tests.engine.house import EngineCafe

WRITES = ("TransactWriteItems", "PutItem", "DeleteItem", "UpdateItem")


@dataclass(frozen=True)
class LostReply:
    """The engine does what it was sent, and its reply does not come back."""

    meanwhile: Callable[[], object] = lambda: None
    """What happens after the engine did it, and before the store knows that the reply is lost."""


@dataclass(frozen=True)
class Refused:
    """The engine is not asked; this is the answer."""

    error: str
    reasons: tuple[str, ...] = ()


class Wire:
    """Takes the place of the line that a store has to its engine.

    Every request that writes meets the next fault; where that is None, or there is none left, it passes.
    """

    def __init__(self, store: wire.Wire) -> None:
        self.faults: deque[LostReply | Refused | None] = deque()
        self.forgetful = False
        """Whether each attempt is sent with a ClientRequestToken that the engine has never seen."""
        self.lose_every = 0
        """Every so many-th reply is lost, but none of one request twice; none at all if it is 0."""
        self.sent = 0
        """How many requests that write were sent, or were about to be."""
        self._asked_again: set[bytes] = set()
        self._store, self._line = store, store.line
        store.line = self

    def mend(self) -> None:
        """Put the store's own line back."""
        self._store.line = self._line

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request, or let happen what the test wants to happen."""
        target = headers["x-amz-target"].rpartition(".")[2]
        if target not in WRITES:
            return self._line.post(headers, body)
        self.sent += 1
        fault = self._next_fault(body)
        if isinstance(fault, Refused):
            return _refusal(fault)
        # The engine does not look at the signature.
        forgotten = self.forgetful and target == "TransactWriteItems"
        reply = self._line.post(headers, _with_another_token(body) if forgotten else body)
        if fault is None:
            return reply
        fault.meanwhile()
        raise NoReply("lost")

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _next_fault(self, body: bytes) -> LostReply | Refused | None:
        if self.faults:
            return self.faults.popleft()
        if not self.lose_every or self.sent % self.lose_every or body in self._asked_again:
            return None
        self._asked_again.add(body)
        return LostReply()


WireTo = Callable[[EngineCafe], Wire]


def _with_another_token(body: bytes) -> bytes:
    sent = json.loads(body)
    sent["ClientRequestToken"] = secrets.token_hex(16)
    return json.dumps(sent).encode()


def _refusal(fault: Refused) -> Reply:
    body: dict[str, Any] = {"__type": f"com.amazonaws.dynamodb.v20120810#{fault.error}", "message": "Injected."}
    if fault.reasons:
        body["CancellationReasons"] = [{"Code": code} for code in fault.reasons]
    return Reply(400, {}, json.dumps(body).encode())
