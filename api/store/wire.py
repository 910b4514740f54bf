"""Speaks DynamoDB's own protocol, JSON over HTTP, with the retries that AWS calls standard.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html

docs/decisions/0019-wire.md says why boto3 does not do it.
"""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from api import __version__
from api.domain.errors import Unavailable
from api.store.line import CONNECT_SECONDS, READ_SECONDS, NoReply, Reply
from api.store.sigv4 import Signer

ATTEMPTS = 3
PAUSE_SECONDS = 1
"""Waited at the most before the second attempt; twice that before the third, with full jitter."""
WORST_SECONDS = ATTEMPTS * (CONNECT_SECONDS + READ_SECONDS) + PAUSE_SECONDS * (2 ** (ATTEMPTS - 1) - 1)
"""How long one call can take until it gives up."""

AGAIN = frozenset({
    "InternalServerError", "LimitExceededException", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
    "RequestTimeout", "RequestTimeoutException", "ServiceUnavailable", "ThrottlingException",
    "TransactionInProgressException",
})  # fmt: skip
"""What AWS calls an error that may be gone at the next attempt."""
JSON = "application/x-amz-json-1.0"
AGENT = f"clowder/{__version__}"
TARGET = "DynamoDB_20120810."

Answer = dict[str, Any]
Call = Callable[[str, Mapping[str, Any]], Answer]
"""Takes the name of an operation of DynamoDB and its request, and returns its answer."""


class Sender(Protocol):
    """What a ``line.Line`` can do."""

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request and return the reply; raise ``NoReply`` if there is none."""

    def close(self) -> None:
        """Hang up."""


class Refused(Exception):
    """DynamoDB does not do what it was asked, and would not the next time either.

    Args:
        operation: what it was asked.
        code: why not, in its own word: ``ValidationException``.
        answer: all that it says.
    """

    def __init__(self, operation: str, code: str, answer: Answer) -> None:
        super().__init__(f"{operation}: {code}: {answer.get('message') or answer.get('Message', '')}")
        self.code = code
        self.answer = answer


class Wire:
    """Calls DynamoDB.

    Args:
        line: where a request is sent.
        signer: signs it before.
        pause: waits that many seconds between attempts.
    """

    def __init__(self, line: Sender, signer: Signer, pause: Callable[[float], None] = time.sleep) -> None:
        self.line = line
        self._sign = signer.sign
        self._pause = pause
        self._encode = msgspec.json.Encoder().encode
        self._decode: Callable[[bytes], Answer] = msgspec.json.Decoder(Answer).decode

    def call(self, operation: str, request: Mapping[str, Any]) -> Answer:
        """Return the answer to a request that may be sent more than once.

        Args:
            operation: its name: ``GetItem``.
            request: as the operation takes it.

        Raises:
            Unavailable: no reply came, or DynamoDB was busy, each time.
            Refused: it does not do that.
        """
        body, tried = self._encode(request), 0
        while True:
            try:
                return self._attempt(operation, body)
            except Unavailable:
                tried += 1
                if tried == ATTEMPTS:
                    raise
            self._pause(random.uniform(0, PAUSE_SECONDS * 2 ** (tried - 1)))  # noqa: S311 - jitter, no secret

    def close(self) -> None:
        """Hang up."""
        self.line.close()

    def _attempt(self, operation: str, body: bytes) -> Answer:
        headers = self._sign({"content-type": JSON, "x-amz-target": TARGET + operation}, body, time.time())
        headers["user-agent"] = AGENT  # not signed: proxies may change it
        try:
            reply = self.line.post(headers, body)
            answer = self._decode(_whole(reply))
        except (NoReply, msgspec.DecodeError) as error:
            raise Unavailable("The store does not answer; please try again.") from error
        if reply.status == 200:
            return answer
        refused = Refused(operation, str(answer.get("__type", reply.status)).rpartition("#")[2], answer)
        if reply.status >= 500 or refused.code in AGAIN:
            raise Unavailable("The store is busy; please try again.") from refused
        raise refused


def _whole(reply: Reply) -> bytes:
    """Return the body of a reply that came as it was sent; DynamoDB tells its checksum."""
    told = reply.headers.get("x-amz-crc32")
    if told is not None and told != str(zlib.crc32(reply.body)):
        raise NoReply("The reply is damaged: its checksum is another one.")
    return reply.body or b"{}"
