"""Lambda's Runtime API on this machine: what a runtime asks for events, and tells what became of them.

    with RuntimeApi() as api:
        process = subprocess.Popen(command, env={"AWS_LAMBDA_RUNTIME_API": api.address, ...})
        api.watch(process)
        answer = api.invoke(event)

One API is for one start of a runtime, as in Lambda. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

VERSION = "/2018-06-01/runtime"
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:clowder-test-api"
INVOKE_SECONDS = 60.0
"""How long a runtime is waited for. None should ever need it: it only turns what hangs into what fails."""


class FunctionError(Exception):
    """The runtime did not answer: ``kind`` is ``error``, ``init error``, ``exit`` or ``silence``.

    ``told`` is what it reported: of an error, Lambda's object with ``errorType`` and ``errorMessage``; of an exit, the
    exit code of the process.
    """

    def __init__(self, kind: str, told: Any = None) -> None:
        super().__init__(f"{kind}: {told}")
        self.kind = kind
        self.told = told


@dataclass(frozen=True)
class _Report:
    """What a runtime has reported: ``kind`` is ``response``, or one of ``FunctionError``."""

    kind: str
    told: Any


class RuntimeApi:
    """The API, listening on a free port of 127.0.0.1 from its start as a context to its end."""

    def __init__(self) -> None:
        self._server = _Server()
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> RuntimeApi:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.events.put(None)  # for a runtime that still waits for one
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Host and port, as the variable ``AWS_LAMBDA_RUNTIME_API`` has them."""
        return f"127.0.0.1:{self._server.server_port}"

    def watch(self, process: subprocess.Popen[Any]) -> None:
        """Let the end of the runtime's process be an outcome too, so that nobody waits for a dead one."""
        end = threading.Thread(target=lambda: self._server.report("exit", process.wait()), daemon=True)
        end.start()

    def invoke(self, event: Any, seconds: float = INVOKE_SECONDS) -> Any:
        """Give the runtime an event and return what the function returned.

        Raises:
            FunctionError: it reported an error, could not start, ended, or said nothing for so many seconds.
        """
        self._server.events.put(json.dumps(event).encode())
        report = self._next_report(seconds)
        if report.kind != "response":
            raise FunctionError(report.kind, report.told)
        return report.told

    def failure(self, seconds: float = INVOKE_SECONDS) -> FunctionError:
        """Wait for a runtime that cannot start, and return how it told: by an ``init error``, or by its ``exit``."""
        report = self._next_report(seconds)
        return FunctionError(report.kind, report.told)

    def _next_report(self, seconds: float) -> _Report:
        try:
            return self._server.reports.get(timeout=seconds)
        except Empty:
            raise FunctionError("silence", f"for {seconds:g} seconds") from None


class _Server(ThreadingHTTPServer):
    """Keeps the events to come and what was reported of those that were."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.events: SimpleQueue[bytes | None] = SimpleQueue()
        self.reports: SimpleQueue[_Report] = SimpleQueue()
        self.numbers = count(1)
        self.current = ""
        """The id of the event that the runtime has and has not reported on."""

    def report(self, kind: str, told: Any) -> None:
        """Note what the runtime reports."""
        self.reports.put(_Report(kind, told))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let a runtime go that has been ended; tell of everything else."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Requests(BaseHTTPRequestHandler):
    """One connection of the runtime."""

    server: _Server
    protocol_version = "HTTP/1.1"
    # Nagle's algorithm would hold back the end of an answer for 40 ms, which Lambda does not.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Give the next event, when there is one."""
        if self.path != f"{VERSION}/invocation/next":
            return self._answer(HTTPStatus.NOT_FOUND)
        event = self.server.events.get()
        if event is None:
            return self._answer(HTTPStatus.GONE)
        self.server.current = f"{next(self.server.numbers):08d}-0000-4000-8000-000000000000"
        return self._answer(HTTPStatus.OK, event, {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.server.current,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 25) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
            "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0",
        })  # fmt: skip

    def do_POST(self) -> None:
        """Take what became of an event, or of the start."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        kinds = {
            f"{VERSION}/init/error": "init error",
            f"{VERSION}/invocation/{self.server.current}/response": "response",
            f"{VERSION}/invocation/{self.server.current}/error": "error",
        }
        kind = kinds.get(self.path)
        if kind is None:
            return self._answer(HTTPStatus.FORBIDDEN)
        self.server.current = ""
        self.server.report(kind, json.loads(body))
        return self._answer(HTTPStatus.ACCEPTED)

    def _answer(self, status: HTTPStatus, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the runtime's own log is the one that matters."""
