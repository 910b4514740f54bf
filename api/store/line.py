"""Connections to one address, kept open from request to request."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import NamedTuple, Protocol
from urllib.parse import SplitResult

CONNECT_SECONDS = 1
READ_SECONDS = 2


class NoReply(Exception):
    """No reply came, or half of one; what was asked may have been done."""


class Headers(Protocol):
    """Finds a header by its name, whichever way it is spelt."""

    def get(self, name: str, /) -> str | None:
        """Return its value, or None."""


class Reply(NamedTuple):
    """What came back."""

    status: int
    headers: Headers
    body: bytes


class Line:
    """The line to a server. Threads may use it at the same time: each has a connection of its own meanwhile.

    Args:
        url: where the server listens, over HTTP or HTTPS.
        trusted: the certificates of those who vouch for it, as PEM.

    Raises:
        OSError: there are no such certificates, and HTTPS needs them.
    """

    def __init__(self, url: SplitResult, trusted: Path) -> None:
        self._url = url
        self._port = url.port or (443 if url.scheme == "https" else 80)
        self._tls = None
        if url.scheme == "https":
            self._tls = ssl.create_default_context(cafile=str(trusted))
        self._free: list[HTTPConnection] = []

    def post(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request that may be sent twice, and return the reply.

        Raises:
            NoReply: it says with whom there was what.
        """
        try:
            if (kept := self._kept()) is not None:
                # One that the server closed while nobody used it (RFC 9112, section 9.5): after a pause, the rule.
                with suppress(ConnectionError, ssl.SSLEOFError):  # the latter is how TLS says it before Python 3.13
                    return self._exchange(kept, headers, body)
            return self._exchange(self._open(), headers, body)
        except (OSError, HTTPException) as error:
            raise NoReply(f"{self._url.scheme}://{self._url.netloc}: {str(error) or type(error).__name__}") from error

    def close(self) -> None:
        """Hang up."""
        while self._free:
            self._free.pop().close()

    def _kept(self) -> HTTPConnection | None:
        try:
            return self._free.pop()
        except IndexError:
            return None

    def _exchange(self, connection: HTTPConnection, headers: Mapping[str, str], body: bytes) -> Reply:
        try:
            connection.request("POST", self._url.path or "/", body, headers)
            answer = connection.getresponse()
            reply = Reply(answer.status, answer.headers, answer.read())
        except BaseException:
            connection.close()
            self.close()  # what broke this one may have broken all that stood open beside it
            raise
        if answer.will_close:
            connection.close()
        else:
            self._free.append(connection)
        return reply

    def _open(self) -> HTTPConnection:
        name, port = self._url.hostname or "", self._port
        connection = (
            HTTPSConnection(name, port, timeout=CONNECT_SECONDS, context=self._tls)
            if self._tls
            else HTTPConnection(name, port, timeout=CONNECT_SECONDS)
        )
        connection.connect()
        connection.sock.settimeout(READ_SECONDS)
        return connection
