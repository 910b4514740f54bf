"""Test Lambda events that are not valid HTTP API requests: warm-ups, events of other services, malformed requests."""

from __future__ import annotations

import binascii
import json
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import serverless_wsgi

from tests.support.api_gateway import Gateway, parse_response
from tests.support.deploy_fixtures import ImportHandler
from tests.support.inspection import log_lines

CONTEXT = SimpleNamespace(aws_request_id="8f5fbd8b-5a2f-4d5b-9f3e-1f2d3c4b5a69")
SCHEDULED = {"version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}
REST = {
    "httpMethod": "GET",
    "path": "/cats",
    "headers": {"Host": "x"},
    "queryStringParameters": None,
    "requestContext": {"identity": {"sourceIp": "203.0.113.7"}, "requestId": "r"},
    "body": None,
    "isBase64Encoded": False,
}
LOAD_BALANCER = REST | {"requestContext": {"elb": {"targetGroupArn": "arn:x"}}}

WARM_UPS = {
    "schedule": SCHEDULED,
    "scheduler": SCHEDULED | {"source": "aws.scheduler"},
    "plugin": {"source": "serverless-plugin-warmup"},
}
UNKNOWN: dict[str, Any] = {
    "console test": {},
    "null": None,
    "string": "ping",
    "list": [{"version": "2.0"}],
    "S3": {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "secret.png"}}}]},
    "source is a list": {"source": ["aws.events"]},
    "REST API": REST,
    "REST API, version 1.0": REST | {"version": "1.0"},
    "load balancer": LOAD_BALANCER,
    "Lambda integration": {"requestPath": "/cats", "headers": {}, "method": "GET"},
    "version only": {"version": "2.0"},
    "no context": {"version": "2.0", "requestContext": None},
    "WebSocket": {"version": "2.0", "requestContext": {"routeKey": "$connect"}, "rawPath": "/cats", "headers": {}},
}
MALFORMED: dict[str, dict[str, Any]] = {
    "invalid headers": {"headers": 7},
    "no path": {"rawPath": None},
    "invalid base64": {"body": "a", "isBase64Encoded": True},
    "base64 without a body": {"body": None, "isBase64Encoded": True},
}


@pytest.fixture
def import_logging_handler(import_handler: ImportHandler, monkeypatch: pytest.MonkeyPatch) -> ImportHandler:
    """Return a function that imports handler.py with the log level INFO, in the test, so that capsys gets the log."""
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    return import_handler


@pytest.mark.parametrize("event", WARM_UPS.values(), ids=WARM_UPS)
def test_a_warm_up_is_skipped(
    import_logging_handler: ImportHandler, capsys: pytest.CaptureFixture[str], event: dict[str, Any]
) -> None:
    function = import_logging_handler()
    function.app.before_request(lambda: pytest.fail("a warm-up is not a request"))
    assert function.handler(event, CONTEXT) == {"skipped": "warm-up"}
    (line,) = log_lines(capsys)
    assert (line["level"], line["message"], line["source"]) == ("INFO", "warm-up", event["source"])
    assert (line["coldStart"], line["lambdaRequestId"]) == (True, CONTEXT.aws_request_id)


@pytest.mark.parametrize("event", UNKNOWN.values(), ids=UNKNOWN)
def test_an_unknown_event_is_logged_and_skipped(
    import_logging_handler: ImportHandler, capsys: pytest.CaptureFixture[str], event: Any
) -> None:
    function = import_logging_handler()
    function.app.before_request(lambda: pytest.fail("the event is not a request"))
    assert function.handler(event, CONTEXT) == {"skipped": "unknown event"}
    (line,) = log_lines(capsys)
    assert (line["level"], line["message"]) == ("WARNING", "unknown event")
    assert line["members"] == (sorted(event) if isinstance(event, dict) else [])
    assert "secret" not in json.dumps(line)


def test_the_log_line_of_a_large_unknown_event_is_short(
    import_logging_handler: ImportHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    import_logging_handler().handler({f"{number}" * 1000: number for number in range(1000)}, CONTEXT)
    assert len(capsys.readouterr().err) < 1500


def test_the_handler_does_not_change_the_event(function: ModuleType) -> None:
    event = Gateway(function.handler).event("GET", "/health", {}, None)
    before = json.dumps(event)
    function.handler(event, CONTEXT)
    assert json.dumps(event) == before


@pytest.mark.parametrize("members", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_request_is_500_without_a_stack_trace(
    import_logging_handler: ImportHandler, capsys: pytest.CaptureFixture[str], members: dict[str, Any]
) -> None:
    function = import_logging_handler()
    gateway = Gateway(function.handler)
    event = gateway.event("GET", "/cats", {}, None) | members
    response = parse_response(function.handler(event, CONTEXT))
    (line,) = log_lines(capsys)
    assert (response.status, response.is_base64, response.headers["Content-Type"]) == (
        500,
        False,
        "application/problem+json",
    )
    assert response.json["type"] == "/problems/internal"
    assert response.json["requestId"] == line["requestId"] == event["requestContext"]["requestId"]
    assert "Traceback" not in response.text
    assert (line["level"], line["message"], line["lambdaRequestId"]) == ("ERROR", "unhandled", CONTEXT.aws_request_id)
    assert line["stack"].startswith("Traceback")


def test_the_function_works_after_malformed_events(import_logging_handler: ImportHandler) -> None:
    function = import_logging_handler()
    gateway = Gateway(function.handler)
    for event in (*UNKNOWN.values(), gateway.event("GET", "/cats", {}, None) | MALFORMED["invalid headers"]):
        function.handler(event, CONTEXT)
    assert gateway.get("/health").status == 200


# Variants without the event check: how serverless-wsgi alone handles these events.


def handler_without_check(function: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the handler without its event check, so that serverless-wsgi gets every event."""
    monkeypatch.setattr("api.http.gateway.is_http_request", lambda event: True)
    return function.handler


@pytest.mark.parametrize("name", ["console test", "S3", "version only"])
def test_without_the_check_an_unknown_event_raises_an_error(function: ModuleType, name: str) -> None:
    with pytest.raises(KeyError):
        serverless_wsgi.handle_request(function.app, UNKNOWN[name], CONTEXT)


@pytest.mark.parametrize("name", ["REST API", "load balancer"])
def test_without_the_check_events_of_other_gateways_are_served(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert handler_without_check(function, monkeypatch)(UNKNOWN[name], CONTEXT)["statusCode"] == 200


def test_without_the_check_a_warm_up_prints_text_that_is_not_json(
    function: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serverless_wsgi.handle_request(function.app, SCHEDULED, CONTEXT) == {}
    with pytest.raises(json.JSONDecodeError):
        json.loads(capsys.readouterr().out)


def test_without_the_check_a_malformed_request_raises_an_error(function: ModuleType) -> None:
    event = Gateway(function.handler).event("GET", "/cats", {}, None) | MALFORMED["invalid base64"]
    with pytest.raises(binascii.Error):
        serverless_wsgi.handle_request(function.app, event, CONTEXT)
