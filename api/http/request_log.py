"""One line of JSON for each request, and the id by which it is found."""

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
    """Formats a record as one line of JSON: no input can break out of its line or forge another."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's fields, with the stack of an unhandled error."""
        line = {"level": record.levelname, "message": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        if "requestId" not in line and g:
            line["requestId"] = g.get("request_id")
        return _encode(line).decode()


def error_line(message: str) -> str:
    """Return the line that an error is worth before there is a log: the alarm on errors finds it as well."""
    return _encode({"level": "ERROR", "message": message}).decode()


def configure_logging(level: str) -> None:
    """Send the café's log lines to standard error, as JSON.

    Lambda takes each line from there as one event. Its runtime gives the root logger a handler of its own, which
    would write every line again, in another format: so nothing is passed on to it.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False


def init_app(app: Flask, settings: Settings) -> None:
    """Give each request an id, a line in the log, and a deadline.

    It is long because it holds the three hooks of a request.
    """
    # What Flask itself has to say goes the same way; its own logger would pass it on to the root.
    app.logger = log
    app.extensions["clowder.events"] = itertools.count()
    measure = metrics.emf_fields(settings.stage) if settings.metrics else None

    @app.before_request
    def begin() -> None:
        event = request.environ.get("serverless.event", {})
        g.request_id = event.get("requestContext", {}).get("requestId") or str(uuid.uuid4())
        g.cold = is_cold_start(app)
        g.meter = request_budget.RequestBudget(ends=time.monotonic() + settings.deadline_seconds)
        request_budget.current_budget.set(g.meter)
        g.began = time.perf_counter()

    app.teardown_request(lambda _: request_budget.current_budget.set(None) and None)

    @app.after_request
    def end(response: Response) -> Response:
        if log.isEnabledFor(logging.INFO):
            caller = g.get("caller")
            fields = {
                "requestId": g.request_id,
                **lambda_request_id(request.environ.get("serverless.context")),
                "trace": request.headers.get("X-Amzn-Trace-Id"),
                "who": caller.username if caller else None,
                "method": request.method,
                "route": request.url_rule.rule if request.url_rule else None,
                "path": request.path,
                "status": response.status_code,
                "ms": round((time.perf_counter() - g.began) * 1000, 2),
                "capacity": g.meter.units,
                "coldStart": g.cold,
            }
            if measure:
                fields |= measure(fields)
            log.info("request", extra={"fields": fields})
        return response


def is_cold_start(app: Flask) -> bool:
    """Say whether this is the first event of this instance: its client has waited for a cold start."""
    return bool(next(app.extensions["clowder.events"]) == 0)


def lambda_request_id(context: Any) -> dict[str, str]:
    """Return the id of the invocation, by which Lambda's own lines (START, REPORT, X-Ray's trace) are found."""
    lambda_id = getattr(context, "aws_request_id", None)
    return {"lambdaRequestId": lambda_id} if lambda_id else {}
