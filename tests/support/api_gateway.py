"""A simulator of the API Gateway HTTP API: it creates events (payload 2.0) and checks the responses of the function."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.datastructures import Headers

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]

RECORDED = Path(__file__).with_name("event.json")


@dataclass(frozen=True)
class GatewayResponse:
    """The response that the gateway sends to the client."""

    status: int
    headers: Headers
    body: bytes
    is_base64: bool
    """Whether the function returned the body as base64."""

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """Return the decoded JSON body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Gateway:
    """A deployed HTTP API in front of the function.

    Args:
        handler: the handler of the function.
        stage: the stage of the API. A named stage is the first segment of every path, except behind a custom domain.
        host: the domain name in the requests.
        source: the IP address of the client.
    """

    handler: Handler
    stage: str = "$default"
    host: str = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
    source: str = "203.0.113.7"

    def send(
        self,
        method: str,
        target: str,
        headers: dict[str, str] | None = None,
        body: str | bytes | None = None,
        members: dict[str, Any] | None = None,
    ) -> GatewayResponse:
        """Send a request. A body of bytes is sent as base64. ``members`` replace members of the event."""
        return parse_response(self.handler(self.event(method, target, headers or {}, body) | (members or {}), None))

    def get(self, target: str, **headers: str) -> GatewayResponse:
        """Send a GET request."""
        return self.send("GET", target, {name.replace("_", "-"): value for name, value in headers.items()})

    def event(self, method: str, target: str, headers: dict[str, str], body: str | bytes | None) -> dict[str, Any]:
        """Return the event that the gateway creates for a request."""
        event: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
        path, _, query = target.partition("?")
        context, http = event["requestContext"], event["requestContext"]["http"]
        event |= {"rawPath": path, "rawQueryString": query}
        context |= {"stage": self.stage, "domainName": self.host, "domainPrefix": self.host.partition(".")[0]}
        http |= {"method": method, "path": path, "sourceIp": self.source}
        event["headers"] |= {"host": self.host, "x-forwarded-for": self.source} | headers
        if body is not None:
            is_base64 = isinstance(body, bytes)
            event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
            event["isBase64Encoded"] = is_base64
            event["headers"]["content-length"] = str(len(body if isinstance(body, bytes) else body.encode()))
        return event


def parse_response(returned: dict[str, Any]) -> GatewayResponse:
    """Check that the gateway accepts the return value of the function, and parse it.

    Names and values of headers are printable ASCII. Names are case-insensitive: serverless-wsgi returns a repeated
    header under names that differ only in case, and the gateway may send only one of them.
    """
    returned = json.loads(json.dumps(returned))
    assert returned.keys() <= {"statusCode", "headers", "body", "isBase64Encoded", "cookies"}
    assert isinstance(returned["statusCode"], int)
    headers = returned["headers"]
    assert all(isinstance(value, str) for value in headers.values()), headers
    assert all(text.isascii() and text.isprintable() for pair in headers.items() for text in pair), headers
    names = [name.casefold() for name in headers]
    assert len(set(names)) == len(names), f"a header is sent twice: {sorted(names)}"
    body, is_base64 = returned.get("body", ""), returned.get("isBase64Encoded", False)
    content = base64.b64decode(body, validate=True) if is_base64 else body.encode()
    cookies = [("Set-Cookie", cookie) for cookie in returned.get("cookies", ())]
    return GatewayResponse(returned["statusCode"], Headers([*headers.items(), *cookies]), content, is_base64)
