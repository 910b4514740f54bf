"""What Lambda hands over: a request of the HTTP API, a warm-up, or something that is neither."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
import serverless_wsgi
from flask import Flask

from api.http import kinds, observe
from api.http.errors import PROBLEM_TYPE

log = logging.getLogger("clowder")

WARMERS = frozenset({"aws.events", "aws.scheduler", "serverless-plugin-warmup"})
"""Sources that call the function only so that an instance stands ready: EventBridge's schedules, and a plugin."""

Answer = dict[str, Any]


def answer(app: Flask, event: Any, context: Any) -> Answer:
    """Answer an event. Only a request of an HTTP API (payload version 2.0) reaches the app; nothing raises.

    serverless-wsgi would also serve what a REST API or a load balancer sends, and fails on all else. Neither stands
    in front of this function, and nothing tests them: they count as unknown.
    """
    if not is_request(event):
        return _skip(app, event, context)
    try:
        told: Answer = serverless_wsgi.handle_request(app, event, context)
    except Exception:
        # A request that cannot even be brought to the app; the app answers its own errors.
        request_id = event["requestContext"].get("requestId")
        log.exception("unhandled", extra={"fields": {"requestId": request_id, **observe.invocation(context)}})
        return _broken(request_id)
    return told


def is_request(event: Any) -> bool:
    """Say whether an event is a request of an HTTP API."""
    if not isinstance(event, dict) or event.get("version") != "2.0":
        return False
    request_context = event.get("requestContext")
    return isinstance(request_context, dict) and isinstance(request_context.get("http"), dict)


def _skip(app: Flask, event: Any, context: Any) -> Answer:
    members = event if isinstance(event, dict) else {}
    fields = {"coldStart": observe.is_first(app), **observe.invocation(context)}
    source = members.get("source")
    if isinstance(source, str) and source in WARMERS:
        log.info("warm-up", extra={"fields": fields | {"source": source}})
        return {"skipped": "warm-up"}
    # The names of its members say what it is; what it holds is nobody's business.
    names = sorted(str(name)[:40] for name in members)[:20]
    log.warning("unknown event", extra={"fields": fields | {"members": names}})
    return {"skipped": "unknown event"}


def _broken(request_id: Any) -> Answer:
    kind = kinds.INTERNAL
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
