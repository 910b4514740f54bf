"""A proxy through which the other tools of ``make run`` reach its DynamoDB emulator.

The emulator accepts requests of every origin with any signature, and no option changes that. So it listens on a random
address, which only the server knows. The URL of this proxy is in ``run.json``, which only the user can read. A web page
that knows the URL gets nothing, because a browser sends Origin with each POST to another site (Fetch, section 3.2).
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any

import urllib3

from tools.local.waitress_server import make_server, url_of

REQUEST_HEADERS = {
    "Authorization": "HTTP_AUTHORIZATION",
    "Content-Type": "CONTENT_TYPE",
    "X-Amz-Date": "HTTP_X_AMZ_DATE",
    "X-Amz-Target": "HTTP_X_AMZ_TARGET",
}
"""The headers that the emulator reads, and their names in WSGI."""
RESPONSE_HEADERS = ("Content-Type", "X-Amz-Crc32", "X-Amzn-Requestid")


def make_proxy(database_url: str) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """Return a WSGI application that forwards requests to a database, but none of web pages."""
    pool = urllib3.PoolManager(maxsize=8)

    def forward(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or "HTTP_ORIGIN" in environ:
            start_response("403 Forbidden", [("Content-Length", "0")])
            return [b""]
        headers = {name: environ[variable] for name, variable in REQUEST_HEADERS.items() if variable in environ}
        body = environ["wsgi.input"].read()
        response = pool.request("POST", database_url, headers=headers, body=body, retries=False)
        header_list = [(name, response.headers[name]) for name in RESPONSE_HEADERS if name in response.headers]
        start_response(
            f"{response.status} {response.reason}", [*header_list, ("Content-Length", str(len(response.data)))]
        )
        return [response.data]

    return forward


def start_database_proxy(database_url: str, host: str) -> str:
    """Serve a proxy on a free port of an address until this process ends, and return its URL."""
    listener = socket.create_server((host, 0))
    threading.Thread(target=make_server(make_proxy(database_url), listener).run, daemon=True).start()
    return url_of(listener)
