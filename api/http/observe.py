"""One line of JSON for each request, and the id by which it is found."""

from __future__ import annotations

import logging
import sys
import time
import uuid

import msgspec
from flask import Flask, Response, g, request

from api.store import meter

log = logging.getLogger("clowder")


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: no input can break out of its line or forge another."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's fields, with the stack of an unhandled error."""
        line = {"level": record.levelname, "message": record.getMessage(), **getattr(record, "fields", {})}
        if record.exc_info:
            line["stack"] = self.formatException(record.exc_info)
        if "requestId" not in line and g:
            line["requestId"] = g.get("request_id")
        return msgspec.json.encode(line).decode()


def configure(level: str) -> None:
    """Send the café's log lines to standard error, as JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    log.handlers[:] = [handler]
    log.setLevel(level)
    log.propagate = False


def init_app(app: Flask, deadline: float) -> None:
    """Give each request an id, a line in the log, and a deadline in seconds."""

    @app.before_request
    def begin() -> None:
        event = request.environ.get("serverless.event", {})
        g.request_id = event.get("requestContext", {}).get("requestId") or str(uuid.uuid4())
        g.meter = meter.start(deadline)
        g.began = time.perf_counter()

    @app.teardown_request
    def forget(_: BaseException | None) -> None:
        meter.stop()

    @app.after_request
    def end(response: Response) -> Response:
        if log.isEnabledFor(logging.INFO):
            log.info("request", extra={"fields": _fields(response)})
        return response


def _fields(response: Response) -> dict[str, object]:
    caller = g.get("caller")
    return {
        "requestId": g.request_id,
        "trace": request.headers.get("X-Amzn-Trace-Id"),
        "who": caller.username if caller else None,
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else None,
        "path": request.path,
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.began) * 1000, 2),
        "capacity": g.meter.units,
    }
