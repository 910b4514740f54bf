"""What API Gateway does to a request on its way into WSGI, put right."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import serverless_wsgi
from flask import Flask

from api.http import problem_types, request_log
from api.http.problems import PROBLEM_TYPE

Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]

TEXT_TYPES = (
    "application/atom+xml",
    "application/problem+json",
    "application/linkset+json",
    "application/schema+json",
    "application/vnd.oai.openapi+json",
)
"""Types that serverless-wsgi would send as base64, because it does not know that they are text."""


def register_text_types() -> None:
    """Tell serverless-wsgi which of our types are text."""
    serverless_wsgi.TEXT_MIME_TYPES.extend(t for t in TEXT_TYPES if t not in serverless_wsgi.TEXT_MIME_TYPES)


class StripStagePrefix:
    """Moves the stage from the path to SCRIPT_NAME.

    With payload v2 the path of a named stage begins with the stage (``/dev/cats``), unless a custom domain
    has taken it off. Links that we make then begin with it too.
    """

    def __init__(self, wsgi: Wsgi) -> None:
        self._wsgi = wsgi

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a WSGI request."""
        event = environ.get("serverless.event") or {}
        stage = event.get("requestContext", {}).get("stage", "$default")
        prefix, path = f"/{stage}", environ["PATH_INFO"]
        if stage != "$default" and (path == prefix or path.startswith(f"{prefix}/")):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = prefix, path[len(prefix) :] or "/"
        answer = self._wsgi(environ, start_response)
        if not event:
            return answer
        # Read and close it, as WSGI asks for; serverless-wsgi never does, and files stay open.
        try:
            return [b"".join(answer)]
        finally:
            if hasattr(answer, "close"):
                answer.close()


log = logging.getLogger("clowder")

WARMERS = frozenset({"aws.events", "aws.scheduler", "serverless-plugin-warmup"})
"""Sources that call the function only so that an instance stands ready: EventBridge's schedules, and a plugin."""

Answer = dict[str, Any]


def handle_event(app: Flask, event: Any, context: Any) -> Answer:
    """Answer an event. Only a request of an HTTP API (payload version 2.0) reaches the app; nothing raises.

    serverless-wsgi would also serve what a REST API or a load balancer sends, and fails on all else. Neither stands
    in front of this function, and nothing tests them: they count as unknown.
    """
    if not is_http_request(event):
        return _skip(app, event, context)
    try:
        told: Answer = serverless_wsgi.handle_request(app, event, context)
    except Exception:
        # A request that cannot even be brought to the app; the app answers its own errors.
        request_id = event["requestContext"].get("requestId")
        log.exception(
            "unhandled", extra={"fields": {"requestId": request_id, **request_log.lambda_request_id(context)}}
        )
        return _broken(request_id)
    return told


def is_http_request(event: Any) -> bool:
    """Say whether an event is a request of an HTTP API."""
    if not isinstance(event, dict) or event.get("version") != "2.0":
        return False
    request_context = event.get("requestContext")
    return isinstance(request_context, dict) and isinstance(request_context.get("http"), dict)


def _skip(app: Flask, event: Any, context: Any) -> Answer:
    members = event if isinstance(event, dict) else {}
    fields = {"coldStart": request_log.is_cold_start(app), **request_log.lambda_request_id(context)}
    source = members.get("source")
    if isinstance(source, str) and source in WARMERS:
        log.info("warm-up", extra={"fields": fields | {"source": source}})
        return {"skipped": "warm-up"}
    # The names of its members say what it is; what it holds is nobody's business.
    names = sorted(str(name)[:40] for name in members)[:20]
    log.warning("unknown event", extra={"fields": fields | {"members": names}})
    return {"skipped": "unknown event"}


def _broken(request_id: Any) -> Answer:
    kind = problem_types.INTERNAL
    problem = {
        "type": f"/problems/{kind.slug}",
        "title": kind.title,
        "status": kind.status,
        "detail": kind.explanation,
        "requestId": request_id,
    }
    return {
        "statusCode": kind.status,
        "headers": {"Content-Type": PROBLEM_TYPE, "Cache-Control": "no-store"},
        "body": msgspec.json.encode(problem).decode(),
        "isBase64Encoded": False,
    }
