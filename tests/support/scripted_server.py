"""A scripted HTTP server that stands in for DynamoDB."""

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

Action = Callable[["Requests"], None]

ITEM = {"pk": {"S": "cats#luna"}}
ONE, MANY = {"ConsumedCapacity": {"CapacityUnits": 1.0}}, {"ConsumedCapacity": [{"CapacityUnits": 1.0}]}
BODIES = {
    "GetItem": {"Item": ITEM, **ONE},
    "BatchGetItem": {"Responses": {"cats": [ITEM]}, "UnprocessedKeys": {}, **MANY},
    "Query": {"Items": [ITEM], "Count": 1, "ScannedCount": 1, **ONE},
    "TransactWriteItems": MANY,
}
"""A valid response to each operation."""


class ScriptedServer(socketserver.ThreadingTCPServer):
    """Takes one action for each request, in order, and repeats the last action."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *actions: Action, certificate: Path | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Requests)
        self.actions = list(actions)
        self.tls = None
        if certificate:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(certificate)
        self._closings, self._closed = Semaphore(0), 0
        self.connections = count()
        self.received: list[tuple[int, dict[str, str], Any]] = []
        """The number of the connection, the headers and the body of each request."""

    @property
    def url(self) -> str:
        """The URL of the server."""
        return f"http{'s' if self.tls else ''}://127.0.0.1:{self.server_address[1]}"

    def wait_for_closed(self, number: int) -> None:
        """Wait until that many connections are closed."""
        while self._closed < number:
            self._closings.acquire()
            self._closed += 1

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and count it."""
        super().shutdown_request(request)
        self._closings.release()

    def next_action(self) -> Action:
        """Return the action for the next request."""
        return self.actions.pop(0) if len(self.actions) > 1 else self.actions[0]


class Requests(BaseHTTPRequestHandler):
    """The requests of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ScriptedServer

    def setup(self) -> None:
        """Start TLS if needed, and number the connection."""
        if self.server.tls:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()
        self.number = next(self.server.connections)

    def finish(self) -> None:
        """Close the connection, and the TLS socket."""
        super().finish()
        if self.server.tls:
            self.request.close()

    def do_POST(self) -> None:
        """Record the request and take the next action."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.operation = headers["x-amz-target"].rpartition(".")[2]
        self.server.received.append((self.number, headers, json.loads(self.rfile.read(int(headers["content-length"])))))
        self.server.next_action()(self)

    def send(self, status: int, body: bytes, **headers: str) -> None:
        """Send a response."""
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


def respond(body: bytes | None = None, status: int = 200, checksum: object = None) -> Action:
    """Send a response with the checksum of DynamoDB or a wrong one; by default, a valid response of the operation."""

    def act(request: Requests) -> None:
        content = json.dumps(BODIES[request.operation]).encode() if body is None else body
        request.send(status, content, x_amz_crc32=str(zlib.crc32(content) if checksum is None else checksum))

    return act


def respond_error(code: str, status: int = 400, **members: Any) -> Action:
    """Send an error response of DynamoDB."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": f"No: {code}.", **members}
    return respond(json.dumps(body).encode(), status)


def respond_raw(body: bytes, status: int = 200) -> Action:
    """Send a response without a checksum, as a server between the client and DynamoDB may."""
    return lambda request: request.send(status, body)


def close_connection(request: Requests) -> None:
    """Close the connection without a response."""
    request.close_connection = True


def reset_connection(request: Requests) -> None:
    """Reset the connection."""
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    request.close_connection = True


def truncate(request: Requests) -> None:
    """Send half of a response, with the checksum of the whole response."""
    body = json.dumps(BODIES[request.operation]).encode()
    request.send(200, body[: len(body) // 2], Content_Length=str(len(body)), x_amz_crc32=str(zlib.crc32(body)))
    request.close_connection = True


def truncate_without_checksum(request: Requests) -> None:
    """Send half of a response, without a checksum."""
    request.send(200, b'{"Item":', Content_Length="100")
    request.close_connection = True


def respond_and_close(request: Requests) -> None:
    """Send a response and close the connection without announcing it."""
    respond()(request)
    request.close_connection = True


def respond_and_announce_close(request: Requests) -> None:
    """Send a response with ``Connection: close`` and close the connection."""
    request.send(200, json.dumps(BODIES[request.operation]).encode(), Connection="close")
    request.close_connection = True


@contextmanager
def scripted_server(*actions: Action, certificate: Path | None = None) -> Iterator[ScriptedServer]:
    """Run a scripted server, with TLS if a certificate with its key is given."""
    with ScriptedServer(*actions, certificate=certificate) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
