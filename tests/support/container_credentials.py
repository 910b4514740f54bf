"""An endpoint of container credentials, as ECS and functions restored from a snapshot use it.

https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

TOKEN = "sesame"


class _CredentialsHandler(BaseHTTPRequestHandler):
    """Returns new credentials for each request. They expire after one second."""

    request_count = 0

    def do_GET(self) -> None:
        """Send credentials, with status 403 if the authorization token is wrong."""
        type(self).request_count += 1
        credentials = {
            "AccessKeyId": f"a{self.request_count}",
            "SecretAccessKey": "b",
            "Token": "c",
            "Expiration": (datetime.now(UTC) + timedelta(seconds=1)).isoformat(),
        }
        self.send_response(200 if self.headers["Authorization"] == TOKEN else 403)
        self.end_headers()
        self.wfile.write(json.dumps(credentials).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def container() -> Iterator[dict[str, str]]:
    """Start the endpoint and yield the environment variables that point to it."""
    with HTTPServer(("127.0.0.1", 0), _CredentialsHandler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield {
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{server.server_port}/",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": TOKEN,
            }
        finally:
            server.shutdown()
            thread.join()
