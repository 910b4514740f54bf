"""The wire between botocore and the engine, and what can happen on it."""

from __future__ import annotations

import io
import json
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError, HTTPClientError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from tests.engine.house import EngineCafe

WRITES = ("TransactWriteItems", "PutItem", "DeleteItem", "UpdateItem")
LOST: tuple[type[HTTPClientError], ...] = (ConnectionClosedError, ReadTimeoutError)
"""How botocore hears that no reply came."""


@dataclass(frozen=True)
class LostReply:
    """The engine does what it was sent, and its reply does not come back."""

    error: type[HTTPClientError] = ConnectionClosedError
    meanwhile: Callable[[], object] = lambda: None
    """What happens after the engine did it, and before the client knows that the reply is lost."""


@dataclass(frozen=True)
class Refused:
    """The engine is not asked; this is the answer."""

    error: str
    reasons: tuple[str, ...] = ()


class Wire:
    """Sits between a client of botocore and the wire, as a hook of botocore's own.

    Every request that writes meets the next fault; where that is None, or there is none left, it passes.
    """

    def __init__(self, client: Any) -> None:
        self.faults: deque[LostReply | Refused | None] = deque()
        self.forgetful = False
        """Whether each attempt is sent with a ClientRequestToken that the engine has never seen."""
        self.lose_every = 0
        """Every so many-th reply is lost, but none of one request twice; none at all if it is 0."""
        self.sent = 0
        """How many requests that write were sent, or were about to be."""
        self._asked_again: set[bytes] = set()
        self._line = URLLib3Session()
        client.meta.events.register("before-send.dynamodb", self._send)

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _send(self, request: Any, **_: object) -> AWSResponse | None:
        target = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        if target not in WRITES:
            return None
        self.sent += 1
        fault = self._next_fault(request.body)
        if self.forgetful and target == "TransactWriteItems":
            request.body = _with_another_token(request.body)
        if fault is None:
            return None
        if isinstance(fault, Refused):
            return _refusal(request.url, fault)
        self._line.send(request)
        fault.meanwhile()
        raise fault.error(endpoint_url=request.url, error="lost")

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
    # Of the same length, and written as botocore writes it: the headers are made already.
    sent["ClientRequestToken"] = secrets.token_hex(32)[: len(sent["ClientRequestToken"])]
    return json.dumps(sent).encode()


class _Raw(io.BytesIO):
    """A body as urllib3 gives it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """Return the body in one piece."""
        yield self.read()


def _refusal(url: str, fault: Refused) -> AWSResponse:
    body: dict[str, Any] = {"__type": f"com.amazonaws.dynamodb.v20120810#{fault.error}", "message": "Injected."}
    if fault.reasons:
        body["CancellationReasons"] = [{"Code": code} for code in fault.reasons]
    headers: Any = {"content-type": "application/x-amz-json-1.0"}
    return AWSResponse(url, 400, headers, _Raw(json.dumps(body).encode()))
