"""A local Lambda Runtime API, from which a runtime gets its events and to which it sends its responses.

    with RuntimeApi() as api:
        process = subprocess.Popen(command, env={"AWS_LAMBDA_RUNTIME_API": api.address, ...})
        api.watch(process)
        response = api.invoke(event)

Each start of a runtime needs its own API, as in Lambda. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from queue import Empty, SimpleQueue
from typing import Any

VERSION = "/2018-06-01/runtime"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:clowder-test-api"
INVOKE_SECONDS = 60.0
"""The timeout for a report of the runtime. It only turns a hanging test into a failing one."""


class FunctionError(Exception):
    """The runtime returned no response: ``kind`` is ``error``, ``init error``, ``exit`` or ``silence``.

    ``detail`` is Lambda's object with ``errorType`` and ``errorMessage`` for an error, and the exit code of the process
    for an exit.
    """

    def __init__(self, kind: str, detail: Any = None) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


class RuntimeApi:
    """The API, which listens on a free port of 127.0.0.1. Use it as a context manager."""

    def __init__(self) -> None:
        self._server = _Server()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> RuntimeApi:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.events.put(None)  # ends the request of a runtime that waits for an event
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        """The host and port for the variable ``AWS_LAMBDA_RUNTIME_API``."""
        return f"127.0.0.1:{self._server.server_port}"

    def watch(self, process: subprocess.Popen[Any]) -> None:
        """Report the end of the runtime's process as ``exit``, so that ``invoke`` does not wait for a dead process."""
        threading.Thread(target=lambda: self._server.reports.put(("exit", process.wait())), daemon=True).start()

    def invoke(self, event: Any, seconds: float = INVOKE_SECONDS) -> Any:
        """Invoke the function with an event and return its response.

        Raises:
            FunctionError: the runtime reported an error, could not start, ended or timed out.
        """
        self._server.events.put(json.dumps(event).encode())
        kind, detail = self._next_report(seconds)
        if kind != "response":
            raise FunctionError(kind, detail)
        return detail

    def failure(self, seconds: float = INVOKE_SECONDS) -> FunctionError:
        """Wait for a runtime that cannot start, and return its failure: an ``init error`` or an ``exit``."""
        return FunctionError(*self._next_report(seconds))

    def _next_report(self, seconds: float) -> tuple[str, Any]:
        try:
            return self._server.reports.get(timeout=seconds)
        except Empty:
            raise FunctionError("silence", f"for {seconds:g} seconds") from None


class _Server(ThreadingHTTPServer):
    """The HTTP server, with the queue of events and the queue of the runtime's reports."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.events: SimpleQueue[bytes | None] = SimpleQueue()
        self.reports: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        """The kind of each report, ``response`` or a kind of ``FunctionError``, and its content."""
        self.numbers = count(1)
        self.current = ""
        """The id of the event that the runtime is processing."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore the closed connection of a runtime that has ended. Print all other errors."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Requests(BaseHTTPRequestHandler):
    """A connection of the runtime."""

    server: _Server
    protocol_version = "HTTP/1.1"
    # Nagle's algorithm would delay the end of a response by 40 ms. Lambda does not.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Send the next event. Wait until there is one."""
        if self.path != f"{VERSION}/invocation/next":
            return self._respond(HTTPStatus.NOT_FOUND)
        event = self.server.events.get()
        if event is None:
            return self._respond(HTTPStatus.GONE)
        self.server.current = f"{next(self.server.numbers):08d}-0000-4000-8000-000000000000"
        return self._respond(HTTPStatus.OK, event, {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.server.current,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 25) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        })  # fmt: skip

    def do_POST(self) -> None:
        """Receive a response, an error or an initialization error."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kinds = {
            f"{VERSION}/init/error": "init error",
            f"{VERSION}/invocation/{self.server.current}/response": "response",
            f"{VERSION}/invocation/{self.server.current}/error": "error",
        }
        kind = kinds.get(self.path)
        if kind is None:
            return self._respond(HTTPStatus.FORBIDDEN)
        self.server.current = ""
        self.server.reports.put((kind, json.loads(body)))
        return self._respond(HTTPStatus.ACCEPTED)

    def _respond(self, status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log no requests."""
