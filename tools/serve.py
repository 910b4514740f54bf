"""Serves the app on one address, through waitress, until it is told to stop."""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Callable, Mapping
from typing import Any

import waitress

from tools.problem import Problem

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 5000
BACKLOG = 128
# Far above the service's own limit of 256 KB, so that it is the service who says 413, in its own form.
LARGEST_BODY = 16 * 1024 * 1024


def read_address(environ: Mapping[str, str]) -> tuple[str, int]:
    """Return the address that HOST and PORT choose."""
    told = environ.get("PORT") or str(DEFAULT_PORT)
    if not (told.isascii() and told.isdigit() and int(told) <= 65535):
        raise Problem(f"PORT={told} is no port: it is a number from 0 (any free one) to 65535.")
    return environ.get("HOST") or DEFAULT_HOST, int(told)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there: whoever calls from now on waits until the app serves."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        raise Problem(f"HOST={host} is no address of this machine; 127.0.0.1 and 0.0.0.0 are.") from None
    # IPv4 first: for localhost, it is what the curl lines and most people mean.
    family, kind, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise Problem(_why_not(error, host, port)) from None
    return listener


def _why_not(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} on {host} is in use. PORT chooses another one: PORT=8080 make run"
        case errno.EADDRNOTAVAIL:
            return f"HOST={host} is no address of this machine; 127.0.0.1 and 0.0.0.0 are."
        case errno.EACCES | errno.EPERM:
            return f"This user may not listen on port {port}. PORT chooses another one: PORT=8080 make run"
        case _:
            return f"Cannot listen on {host}, port {port}: {error.strerror}."


def url_of(listener: socket.socket) -> str:
    """Return the URL under which this machine reaches a listener."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: Callable[..., Any], listener: socket.socket) -> None:
    """Serve until KeyboardInterrupt; what is being answered then gets its answer."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    server = waitress.create_server(
        app,
        sockets=[listener],
        threads=8,
        ident=None,
        max_request_body_size=LARGEST_BODY,
        expose_tracebacks=False,
        clear_untrusted_proxy_headers=True,
    )
    server.run()
