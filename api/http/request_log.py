"""The log: a line of JSON for each request, with the request id and the trace of the caller."""

from __future__ import annotations

import itertools
import logging
import re
import sys
import time
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Flask, Response, g, request

from api.http import metrics
from api.settings import Settings
from api.store import request_budget

log = logging.getLogger("clowder")
_encode = msgspec.json.Encoder().encode
# The re module compiles these when the first request needs them, and caches them.
_CALLER_ID = r"[A-Za-z0-9._-]{1,128}"
"""The X-Request-Id that is taken from a caller."""
_TRACEPARENT = r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?"
"""W3C Trace Context, level 1, sections 3.2.2 and 3.2.4: version, trace-id, parent-id, flags, and later fields."""


class RequestIds(msgspec.Struct, frozen=True):
    """The ids of a request: in its log lines, and in the headers of its response."""

    log: dict[str, str]
    response: dict[str, str]


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON, so that no input can forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the fields of the record, with the traceback of an unhandled error."""
        line = {"level": record.levelname, "message": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        if "requestId" not in line and g and "ids" in g:
            line |= g.ids.log
        return _encode(line).decode()


def error_line(message: str) -> str:
    """Return the log line of an error that occurs before the log is configured. The alarm on errors finds it too."""
    return _encode({"level": "ERROR", "message": message}).decode()


def configure_logging(level: str) -> None:
    """Write log records to standard error as JSON.

    Lambda makes each line a log event. Records are not propagated, because the Lambda runtime adds a handler to the
    root logger, which would write each record again in another format.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False


def init_app(app: Flask, settings: Settings) -> None:
    """Give each request an id, a log line and a deadline. ``g.ids`` has its ids."""
    # The logger of Flask would propagate its records to the root logger.
    app.logger = log
    app.extensions["clowder.events"] = itertools.count()
    measure = metrics.emf_fields(settings.stage) if settings.metrics else None

    @app.before_request
    def begin() -> None:
        g.ids = _identify(request.environ)
        g.cold = count_event(app)
        g.budget = request_budget.RequestBudget(ends=time.monotonic() + settings.deadline_seconds)
        request_budget.current_budget.set(g.budget)
        g.began = time.perf_counter()

    app.teardown_request(lambda _: request_budget.current_budget.set(None) and None)

    @app.after_request
    def end(response: Response) -> Response:
        if log.isEnabledFor(logging.INFO):
            fields = _request_fields(response)
            if measure:
                fields |= measure(fields, g.budget.metrics)
            log.info("request", extra={"fields": fields})
        return response


def _identify(environ: Mapping[str, Any]) -> RequestIds:
    """Return the ids of a request.

    The X-Request-Id and the traceparent of the caller are taken if they are valid. A caller can send an id twice, so
    that the log also has the id of the gateway, which is unique.
    """
    event = environ.get("serverless.event", {})
    own_id = event.get("requestContext", {}).get("requestId") or str(uuid.uuid4())
    ids = RequestIds({"requestId": own_id}, {"X-Request-Id": own_id})
    if "HTTP_X_REQUEST_ID" in environ and re.fullmatch(_CALLER_ID, environ["HTTP_X_REQUEST_ID"]):
        ids.log["requestId"] = ids.response["X-Request-Id"] = environ["HTTP_X_REQUEST_ID"]
        ids.log["serverRequestId"] = own_id
    if "HTTP_TRACEPARENT" in environ and (traceparent := parse_traceparent(environ["HTTP_TRACEPARENT"])):
        ids.log["traceparent"] = ids.response["traceparent"] = traceparent
    return ids


def _request_fields(response: Response) -> dict[str, Any]:
    """Return the fields of the log line of a request."""
    caller = g.get("caller")
    return {
        **g.ids.log,
        **lambda_request_id(request.environ.get("serverless.context")),
        "trace": request.headers.get("X-Amzn-Trace-Id"),
        "who": caller.username if caller else None,
        **({"token": caller.token} if caller and caller.token else {}),
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else None,
        "path": request.path,
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.began) * 1000, 2),
        "capacity": g.budget.units,
        "coldStart": g.cold,
    }


def parse_traceparent(header: str) -> str | None:
    """Return a traceparent header in the form of version 00, or None if it is invalid.

    A later version begins with the fields of version 00. Of its flags, only ``sampled`` is known.

    https://www.w3.org/TR/trace-context-1/#versioning-of-traceparent
    """
    match = re.fullmatch(_TRACEPARENT, header)
    if match is None:
        return None
    version, trace_id, parent_id, flags, more = match.groups()
    if version == "00":
        return None if more else header
    return f"00-{trace_id}-{parent_id}-{int(flags, 16) & 1:02x}"


def count_event(app: Flask) -> bool:
    """Return whether this is the first event of the instance, whose client waited for a cold start."""
    return bool(next(app.extensions["clowder.events"]) == 0)


def lambda_request_id(context: Any) -> dict[str, str]:
    """Return the id of the invocation, which is also in the log lines of Lambda (START, REPORT) and in X-Ray."""
    lambda_id = getattr(context, "aws_request_id", None)
    return {"lambdaRequestId": lambda_id} if lambda_id else {}
