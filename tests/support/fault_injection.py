"""Inject faults between a boto3 client and the DynamoDB emulator, with botocore's event ``before-send``."""

from __future__ import annotations

import io
import json
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError
from botocore.httpsession import URLLib3Session

from tests.support.engine_app import EngineApp

WRITES = ("TransactWriteItems", "PutItem", "DeleteItem", "UpdateItem")
EVENT = "before-send.dynamodb"


@dataclass(frozen=True)
class LostResponse:
    """The emulator executes the request, and its response is lost."""

    meanwhile: Callable[[], object] = lambda: None
    """Called after the emulator has executed the request, and before the client learns that the response is lost."""


@dataclass(frozen=True)
class ErrorResponse:
    """The client gets this response; the emulator does not get the request."""

    error: str
    reasons: tuple[str, ...] = ()


class FaultInjector:
    """Injects faults into the requests that a client sends.

    Each write request gets the next fault of the queue. With None or an empty queue, the request passes.
    """

    def __init__(self, client: Any) -> None:
        self.faults: deque[LostResponse | ErrorResponse | None] = deque()
        self.forgetful = False
        """Whether each attempt is sent with a new ClientRequestToken, as if the emulator had forgotten the old one."""
        self.lose_every = 0
        """Lose the response to every n-th request, but only once for the same request; 0 loses none."""
        self.sent = 0
        """The number of write requests."""
        self._lost: set[bytes] = set()
        self._transport = URLLib3Session()
        self._events = client.meta.events
        self._events.register(EVENT, self._send)

    def restore(self) -> None:
        """Stop injecting faults."""
        self._events.unregister(EVENT, self._send)
        self._transport.close()

    def _send(self, request: Any, **_: object) -> AWSResponse | None:
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        if operation not in WRITES:
            return None
        self.sent += 1
        fault = self._next_fault(request.body)
        if self.forgetful and operation == "TransactWriteItems":
            request.body = _with_another_token(request.body)  # the emulator does not check the signature
        if fault is None:
            return None
        if isinstance(fault, ErrorResponse):
            return _response(request.url, fault)
        self._transport.send(request)
        fault.meanwhile()
        raise ConnectionClosedError(endpoint_url=request.url)

    def _next_fault(self, body: bytes) -> LostResponse | ErrorResponse | None:
        if self.faults:
            return self.faults.popleft()
        if not self.lose_every or self.sent % self.lose_every or body in self._lost:
            return None
        self._lost.add(body)
        return LostResponse()


InjectFaults = Callable[[EngineApp], FaultInjector]


def _with_another_token(body: bytes) -> bytes:
    arguments = json.loads(body)
    # The Content-Length header exists already, so the new token has the length of the old one.
    arguments["ClientRequestToken"] = secrets.token_hex(32)[: len(arguments["ClientRequestToken"])]
    return json.dumps(arguments).encode()


class _Raw(io.BytesIO):
    """The body of a response, with the interface of urllib3."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """Yield the body in one piece."""
        yield self.read()


def _response(url: str, fault: ErrorResponse) -> AWSResponse:
    body: dict[str, Any] = {"__type": f"com.amazonaws.dynamodb.v20120810#{fault.error}", "message": "Injected."}
    if fault.reasons:
        body["CancellationReasons"] = [{"Code": code} for code in fault.reasons]
    headers: Any = {"content-type": "application/x-amz-json-1.0"}
    return AWSResponse(url, 400, headers, _Raw(json.dumps(body).encode()))
