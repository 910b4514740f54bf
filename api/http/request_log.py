"""The log: a line of JSON for each request, with the request id."""

from __future__ import annotations

import itertools
import logging
import sys
import time
import uuid
from typing import Any

import msgspec
from flask import Flask, Response, g, request

from api.http import metrics
from api.settings import Settings
from api.store import request_budget

log = logging.getLogger("clowder")
_encode = msgspec.json.Encoder().encode


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON, so that no input can forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the fields of the record, with the traceback of an unhandled error."""
        line = {"level": record.levelname, "message": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        if "requestId" not in line and g:
            line["requestId"] = g.get("request_id")
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
    """Give each request an id, a log line and a deadline."""
    # The logger of Flask would propagate its records to the root logger.
    app.logger = log
    app.extensions["clowder.events"] = itertools.count()
    measure = metrics.emf_fields(settings.stage) if settings.metrics else None

    @app.before_request
    def begin() -> None:
        event = request.environ.get("serverless.event", {})
        g.request_id = event.get("requestContext", {}).get("requestId") or str(uuid.uuid4())
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
                fields |= measure(fields)
            log.info("request", extra={"fields": fields})
        return response


def _request_fields(response: Response) -> dict[str, Any]:
    """Return the fields of the log line of a request."""
    caller = g.get("caller")
    return {
        "requestId": g.request_id,
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


def count_event(app: Flask) -> bool:
    """Return whether this is the first event of the instance, whose client waited for a cold start."""
    return bool(next(app.extensions["clowder.events"]) == 0)


def lambda_request_id(context: Any) -> dict[str, str]:
    """Return the id of the invocation, which is also in the log lines of Lambda (START, REPORT) and in X-Ray."""
    lambda_id = getattr(context, "aws_request_id", None)
    return {"lambdaRequestId": lambda_id} if lambda_id else {}
