"""The far end of the store's wire: a server that does with each request what a test has told it."""

from __future__ import annotations

import json
import socket
import socketserver
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from threading import Semaphore
from typing import Any

Act = Callable[["Requests"], None]


class FarEnd(socketserver.ThreadingTCPServer):
    """Does the acts in their order, one for each request, and the last one for all that follow."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *acts: Act, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Requests)
        self.acts = list(acts)
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self._ends, self._closed = Semaphore(0), 0
        self.connections = count()
        self.heard: list[tuple[int, dict[str, str], Any]] = []
        """Of each request: the number of its connection, its headers, its body."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.server_address[1]}"

    def ended(self, number: int) -> None:
        """Wait until so many connections have ended."""
        while self._closed < number:
            self._ends.acquire()
            self._closed += 1

    def shutdown_request(self, request: Any) -> None:
        """End a connection, and note it."""
        super().shutdown_request(request)
        self._ends.release()

    def next_act(self) -> Act:
        """Return what is done now."""
        return self.acts.pop(0) if len(self.acts) > 1 else self.acts[0]


class Requests(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FarEnd

    def setup(self) -> None:
        """Number the connection."""
        if self.server.tls:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()
        self.number = next(self.server.connections)

    def finish(self) -> None:
        """Close what TLS has opened."""
        super().finish()
        if self.server.tls:
            self.request.close()

    def do_POST(self) -> None:
        """Note the request and do what was told."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.heard.append((self.number, headers, json.loads(self.rfile.read(int(headers["content-length"])))))
        self.server.next_act()(self)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        """Send a reply."""
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def answers(told: Any = None, status: int = 200, checksum: int | None = None) -> Act:
    """Answer as DynamoDB does, with the right checksum or another one."""
    body = json.dumps({"told": "so"} if told is None else told).encode()
    crc = str(zlib.crc32(body) if checksum is None else checksum)
    return lambda request: request.send(status, body, x_amz_crc32=crc)


def refuses(code: str, status: int = 400, **more: Any) -> Act:
    """Refuse as DynamoDB does."""
    return answers({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": f"No: {code}.", **more}, status)


def garbage(request: Requests) -> None:
    """Answer as something in between may."""
    request.send(502, b"<html>Bad gateway</html>")


def nothing(request: Requests) -> None:
    """Answer without a word."""
    request.send(403, b"")


def hangs_up(request: Requests) -> None:
    """Close the connection without a reply."""
    request.close_connection = True


def resets(request: Requests) -> None:
    """Break the connection off."""
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    request.close_connection = True


def stops_halfway(request: Requests) -> None:
    """Send half of a reply."""
    request.send(200, b'{"told":', Content_Length="100")
    request.close_connection = True


def answers_and_closes(request: Requests) -> None:
    """Answer, and close what looks as if it stayed open."""
    answers()(request)
    request.close_connection = True


def answers_once(request: Requests) -> None:
    """Answer, and say that the connection ends."""
    request.send(200, b'{"told":"so"}', Connection="close")
    request.close_connection = True


@contextmanager
def far_end(*acts: Act, certificate: Path | None = None) -> Iterator[FarEnd]:
    """Let somebody listen; over TLS, if there is a certificate with its key."""
    with FarEnd(*acts, certificate=certificate) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield listening
        finally:
            listening.shutdown()
            thread.join()
