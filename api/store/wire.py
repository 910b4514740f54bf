"""Speaks DynamoDB's own protocol, JSON over HTTP, and tries again as AWS's own clients do.

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
PAUSE_SECONDS, THROTTLED_SECONDS = 0.025, 1
"""Waited at the most before the second attempt, the latter where DynamoDB wants fewer; twice that before the third."""
ATTEMPT_SECONDS = CONNECT_SECONDS + READ_SECONDS
WORST_SECONDS = ATTEMPTS * ATTEMPT_SECONDS + THROTTLED_SECONDS * (2 ** (ATTEMPTS - 1) - 1)
"""How long a call to a store that says nothing can take. No attempt begins that might end later than that."""

THROTTLED = frozenset({
    "LimitExceededException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException",
})  # fmt: skip
AGAIN = frozenset({"RequestTimeout", "RequestTimeoutException", "TransactionInProgressException"})
"""What else AWS calls an error that may be gone at the next attempt; so is each that is its own fault (5xx)."""
JSON = "application/x-amz-json-1.0"
AGENT = f"clowder/{__version__}"
TARGET = "DynamoDB_20120810."

Answer = dict[str, Any]
Call = Callable[[str, Mapping[str, Any]], Answer]
"""Takes the name of an operation of DynamoDB and its request, and returns its answer."""

_lots = random.SystemRandom()  # the state of another one would be the same in all that start from one snapshot


def jitter(most: float) -> float:
    """Return how many seconds to wait: up to so many, drawn by lot, so that not all come back at once."""
    return _lots.uniform(0, most)


class Sender(Protocol):
    """What a ``line.Line`` can do."""

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request and return the reply; raise ``NoReply`` if there is none."""

    def close(self) -> None:
        """Hang up."""


class Refused(Exception):
    """DynamoDB does not do what it was asked.

    Args:
        operation: what it was asked.
        code: why not, in its own word: ``ValidationException``.
        answer: all that it says.
    """

    def __init__(self, operation: str, code: str, answer: Answer) -> None:
        super().__init__(f"{operation}: {code}: {answer.get('message') or answer.get('Message', '')}")
        self.code = code
        self.answer = answer


class _Again(Exception):
    """An attempt that failed, and need not fail the next time.

    Args:
        message: what the café hears if it was the last one.
        seconds: to be waited at the most before a second attempt.
    """

    def __init__(self, message: str, seconds: float = PAUSE_SECONDS) -> None:
        super().__init__(message)
        self.seconds = seconds


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
        body, ends = self._encode(request), time.monotonic() + WORST_SECONDS
        tried = 0
        while True:
            try:
                return self._attempt(operation, body)
            except _Again as again:
                tried += 1
                pause = jitter(again.seconds * 2 ** (tried - 1))
                if tried == ATTEMPTS or time.monotonic() + pause + ATTEMPT_SECONDS > ends:
                    raise Unavailable(str(again)) from again.__cause__
            self._pause(pause)

    def close(self) -> None:
        """Hang up."""
        self.line.close()

    def _attempt(self, operation: str, body: bytes) -> Answer:
        headers = self._sign({"content-type": JSON, "x-amz-target": TARGET + operation}, body, time.time())
        headers["user-agent"] = AGENT  # not signed: proxies may change it
        try:
            reply = self.line.post(headers, body)
            answer = self._read(reply)
        except NoReply as error:
            raise _Again("The store does not answer; please try again.") from error
        if reply.status == 200:
            return answer
        refused = Refused(operation, str(answer.get("__type", reply.status)).rpartition("#")[2], answer)
        if refused.code in THROTTLED or reply.status == 429:
            raise _Again("The store is busy; please try again.", THROTTLED_SECONDS) from refused
        if refused.code in AGAIN or reply.status >= 500:
            raise _Again("The store is busy; please try again.") from refused
        raise refused

    def _read(self, reply: Reply) -> Answer:
        """Return what a reply says if it came as it was sent; DynamoDB tells its checksum."""
        told = reply.headers.get("x-amz-crc32")
        if told is not None and told != str(zlib.crc32(reply.body)):
            raise NoReply("The reply is damaged: its checksum is another one.")
        try:
            return self._decode(reply.body)
        except msgspec.DecodeError:
            raise NoReply(f"The reply has the status {reply.status}, and is not DynamoDB's.") from None
