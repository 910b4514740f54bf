"""API Gateway's HTTP API as the function sees it: events in payload 2.0, and what it takes for an answer."""

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
    """What the caller gets when the gateway has unpacked what the function returned."""

    status: int
    headers: Headers
    body: bytes
    coded: bool
    """Whether it came as base64."""

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Gateway:
    """A deployed HTTP API in front of the function.

    Args:
        handler: the function.
        stage: the API's stage; a named one is the first segment of every path, unless a custom domain maps it away.
        host: the domain name that callers use.
        source: the address that callers come from.
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
        """Send one request; a body of bytes goes as base64, ``members`` are more members of the event."""
        return unpack(self.handler(self.event(method, target, headers or {}, body) | (members or {}), None))

    def get(self, target: str, **headers: str) -> GatewayResponse:
        """Read something."""
        return self.send("GET", target, {name.replace("_", "-"): value for name, value in headers.items()})

    def event(self, method: str, target: str, headers: dict[str, str], body: str | bytes | None) -> dict[str, Any]:
        """Return the event that the gateway makes of a request."""
        event: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
        path, _, query = target.partition("?")
        context, http = event["requestContext"], event["requestContext"]["http"]
        event |= {"rawPath": path, "rawQueryString": query}
        context |= {"stage": self.stage, "domainName": self.host, "domainPrefix": self.host.partition(".")[0]}
        http |= {"method": method, "path": path, "sourceIp": self.source}
        event["headers"] |= {"host": self.host, "x-forwarded-for": self.source} | headers
        if body is not None:
            coded = isinstance(body, bytes)
            event["body"] = base64.b64encode(body).decode() if isinstance(body, bytes) else body
            event["isBase64Encoded"] = coded
            event["headers"]["content-length"] = str(len(body if isinstance(body, bytes) else body.encode()))
        return event


def unpack(returned: dict[str, Any]) -> GatewayResponse:
    """Check that the gateway would take an answer, and unpack it.

    The members of ``headers`` are a map, and HTTP tells no case apart: of two that differ only in case (as
    serverless-wsgi writes a header that is sent twice) a caller might get one.
    """
    returned = json.loads(json.dumps(returned))
    assert returned.keys() <= {"statusCode", "headers", "body", "isBase64Encoded", "cookies"}
    assert isinstance(returned["statusCode"], int)
    headers = returned["headers"]
    assert all(isinstance(value, str) for value in headers.values()), headers
    names = [name.casefold() for name in headers]
    assert len(set(names)) == len(names), f"a header is sent twice: {sorted(names)}"
    body, coded = returned.get("body", ""), returned.get("isBase64Encoded", False)
    content = base64.b64decode(body, validate=True) if coded else body.encode()
    cookies = [("Set-Cookie", cookie) for cookie in returned.get("cookies", ())]
    return GatewayResponse(returned["statusCode"], Headers([*headers.items(), *cookies]), content, coded)
