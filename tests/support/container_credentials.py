"""What gives credentials to a container, and to a function that was restored from a snapshot.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

WORD = "sesame"


class _Requests(BaseHTTPRequestHandler):
    """Gives credentials that are about to end, other ones each time."""

    given = 0

    def do_GET(self) -> None:
        """Answer whoever knows the word."""
        type(self).given += 1
        ends = datetime.now(UTC) + timedelta(seconds=1)
        told = {"AccessKeyId": f"a{self.given}", "SecretAccessKey": "b", "Token": "c", "Expiration": ends.isoformat()}
        self.send_response(200 if self.headers["Authorization"] == WORD else 403)
        self.end_headers()
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def container() -> Iterator[dict[str, str]]:
    """Give the environment of a process in such a container."""
    with HTTPServer(("127.0.0.1", 0), _Requests) as listening:
        thread = Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield {
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{listening.server_port}/",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": WORD,
            }
        finally:
            listening.shutdown()
            thread.join()
