"""Moto's DynamoDB, in the test's own process: as the far end of the store's wire, or behind a port."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.awsrequest import AWSPreparedRequest
from moto import backend_index
from moto.core.models import botocore_stubber

from api.store.line import Reply

REGION = "eu-west-1"
URL = f"https://dynamodb.{REGION}.amazonaws.com/"

# Moto looks through all services at each call, and gets ready for each of them whenever it is turned on.
backend_index.backend_url_patterns = [one for one in backend_index.backend_url_patterns if one[0] == "dynamodb"]


def post(headers: Mapping[str, str], body: bytes) -> Reply:
    """Answer what the store sends, in the place of a line to AWS."""
    told = botocore_stubber.process_request(AWSPreparedRequest("POST", URL, dict(headers), body, stream_output=False))
    assert told is not None, "moto knows DynamoDB"
    status, answered, content = told
    return Reply(status, answered, content if isinstance(content, bytes) else content.encode())


def close() -> None:
    """Nothing is open."""


@contextmanager
def server() -> Iterator[str]:
    """Give the address of a server on this machine behind which moto is: for what connects by itself."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Requests) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.server_port}"
        finally:
            listening.shutdown()
            thread.join()


class _Requests(BaseHTTPRequestHandler):
    """Passes on what comes, each time on a connection of its own: so nobody leaves one open."""

    def do_POST(self) -> None:
        """Ask moto."""
        sent = {name.lower(): value for name, value in self.headers.items()}
        reply = post(sent, self.rfile.read(int(sent["content-length"])))
        self.send_response(reply.status)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
