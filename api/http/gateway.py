"""The adapter between API Gateway and WSGI: events, the stage prefix and text types."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import serverless_wsgi
from flask import Flask
from werkzeug.wrappers import Response

from api.http import problem_types, request_log
from api.http.problems import PROBLEM_JSON, problem_document
from api.http.routing import decode_path

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

TEXT_TYPES = (
    "application/atom+xml",
    "application/problem+json",
    "application/linkset+json",
    "application/schema+json",
    "application/vnd.oai.openapi+json",
)
"""Text types that serverless-wsgi does not know, and would send as base64."""


class _Response(Response):
    """A response without a default Content-Type. A cache would replace that of the stored response by that of a 304."""

    default_mimetype = None


def configure_serverless_wsgi() -> None:
    """Register our text types with serverless-wsgi, and the response class that adds no Content-Type."""
    serverless_wsgi.TEXT_MIME_TYPES.extend(t for t in TEXT_TYPES if t not in serverless_wsgi.TEXT_MIME_TYPES)
    serverless_wsgi.Response = _Response


class PathMiddleware:
    """WSGI middleware that decodes the segments of the path, and moves the stage from PATH_INFO to SCRIPT_NAME.

    With payload version 2.0, the path of a named stage begins with the stage (``/dev/cats``), unless a custom domain
    removes it. Our links begin with SCRIPT_NAME.
    """

    def __init__(self, wsgi: Wsgi) -> None:
        self._wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Call the wrapped application."""
        event = environ.get("serverless.event") or {}
        # Waitress and the test client set REQUEST_URI. Without it, an encoded slash counts as a slash.
        target = event["rawPath"] if "rawPath" in event else environ.get("REQUEST_URI", "")
        path = decode_path(target, "utf-8" if event else "latin-1") if "%" in target else environ["PATH_INFO"]
        stage = event.get("requestContext", {}).get("stage", "$default")
        prefix = f"/{stage}"
        if stage != "$default" and (path == prefix or path.startswith(f"{prefix}/")):
            environ["SCRIPT_NAME"], path = prefix, path[len(prefix) :]
        environ["PATH_INFO"] = path or "/"
        chunks = self._wsgi(environ, start_response)
        if not event:
            return chunks
        # WSGI requires that the iterable is closed. serverless-wsgi does not do it, which leaves files open.
        try:
            return [b"".join(chunks)]
        finally:
            if hasattr(chunks, "close"):
                chunks.close()


log = logging.getLogger("clowder")

WARMERS = frozenset({"aws.events", "aws.scheduler", "serverless-plugin-warmup"})
"""Event sources that keep an instance warm: EventBridge schedules and a Serverless plugin."""

LambdaResponse = dict[str, Any]


def handle_event(app: Flask, event: Any, context: Any) -> LambdaResponse:
    """Return the response to a Lambda event. This never raises.

    Only a request of an HTTP API (payload version 2.0) reaches the application. serverless-wsgi also accepts events of
    a REST API and of a load balancer, but neither is deployed or tested, so that they count as unknown events.
    """
    if not is_http_request(event):
        return _skip(app, event, context)
    try:
        response = _collect_cookies(serverless_wsgi.handle_request(app, event, context))
    except Exception:
        # serverless-wsgi failed. The application handles its own errors.
        request_id = event["requestContext"].get("requestId")
        log.exception(
            "unhandled", extra={"fields": {"requestId": request_id, **request_log.lambda_request_id(context)}}
        )
        return _internal_error(request_id)
    return response


def _collect_cookies(response: LambdaResponse) -> LambdaResponse:
    """Move the cookies of a response to its member ``cookies``.

    serverless-wsgi returns two Set-Cookie headers under names that differ in case, of which the gateway may send one.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    headers = response["headers"]
    if names := [name for name in headers if name.lower() == "set-cookie"]:
        response["cookies"] = [headers.pop(name) for name in names]
    return response


def is_http_request(event: Any) -> bool:
    """Return whether an event is a request of an HTTP API (payload version 2.0)."""
    if not isinstance(event, dict) or event.get("version") != "2.0":
        return False
    request_context = event.get("requestContext")
    return isinstance(request_context, dict) and isinstance(request_context.get("http"), dict)


def _skip(app: Flask, event: Any, context: Any) -> LambdaResponse:
    members = event if isinstance(event, dict) else {}
    fields = {"coldStart": request_log.count_event(app), **request_log.lambda_request_id(context)}
    source = members.get("source")
    if isinstance(source, str) and source in WARMERS:
        log.info("warm-up", extra={"fields": fields | {"source": source}})
        return {"skipped": "warm-up"}
    # The log has the names of the members, but no values, which may be secret.
    names = sorted(str(name)[:40] for name in members)[:20]
    log.warning("unknown event", extra={"fields": fields | {"members": names}})
    return {"skipped": "unknown event"}


def _internal_error(request_id: Any) -> LambdaResponse:
    kind = problem_types.INTERNAL
    return {
        "statusCode": kind.status,
        "headers": {"Content-Type": PROBLEM_JSON, "Cache-Control": "no-store", "X-Request-Id": str(request_id)},
        "body": msgspec.json.encode(problem_document(kind, request_id)).decode(),
        "isBase64Encoded": False,
    }
