"""The HTTP server of ``make run``: Waitress."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from typing import Any

import waitress
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

# Far above the limit of the API (256 KiB), so that the API itself returns 413.
MAX_BODY_BYTES = 16 * 1024 * 1024


def url_of(listener: socket.socket) -> str:
    """Return the URL of a listening socket for clients on this machine."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """A parser that ignores Expect: 100-continue in a request without a body, to which Waitress never responds."""

    def parse_header(self, header: bytes) -> None:
        """Parse the header section of a request."""
        super().parse_header(header)
        # RFC 9110, section 10.1.1: a server may omit the 100 response if there is no content.
        if not (self.chunked or self.content_length):
            self.expect_continue = False


class _Task(WSGITask):  # type: ignore[misc]
    """A task that leaves the connection open after a 204 or 304. Waitress closes it, because there is no length."""

    def set_close_on_finish(self) -> None:
        """Close the connection after the response, unless the client can see its end without that."""
        asked = self.request.headers.get("CONNECTION", "").lower() == "close"
        if self.has_body or asked or self.version == "1.0":
            super().set_close_on_finish()


class _Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = _Parser
    task_class = _Task


def make_server(app: Callable[..., Any], listener: socket.socket) -> Any:
    """Return the Waitress server of an application."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        app,
        sockets=[listener],
        threads=8,
        ident=None,
        max_request_body_size=MAX_BODY_BYTES,
        expose_tracebacks=False,
        clear_untrusted_proxy_headers=True,
    )
    server.channel_class = _Channel
    return server
