"""Events that are no request: a warm-up, a schedule, a test from the console, a gateway that is not ours."""

from __future__ import annotations

import binascii
import json
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import serverless_wsgi

from tests.support.api_gateway import Gateway, unpack
from tests.support.deploy_fixtures import Import
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
BALANCER = REST | {"requestContext": {"elb": {"targetGroupArn": "arn:x"}}}

WARM_UPS = {
    "schedule": SCHEDULED,
    "scheduler": SCHEDULED | {"source": "aws.scheduler"},
    "plugin": {"source": "serverless-plugin-warmup"},
}
UNKNOWN: dict[str, Any] = {
    "console test": {},
    "nothing": None,
    "text": "ping",
    "a list": [{"version": "2.0"}],
    "a bucket's": {"Records": [{"eventSource": "aws:s3", "s3": {"object": {"key": "secret.png"}}}]},
    "a source of no kind": {"source": ["aws.events"]},
    "REST API": REST,
    "REST API, version 1.0": REST | {"version": "1.0"},
    "load balancer": BALANCER,
    "Lambda integration": {"requestPath": "/cats", "headers": {}, "method": "GET"},
    "version alone": {"version": "2.0"},
    "no context": {"version": "2.0", "requestContext": None},
    "a web socket's": {"version": "2.0", "requestContext": {"routeKey": "$connect"}, "rawPath": "/cats", "headers": {}},
}
BROKEN: dict[str, dict[str, Any]] = {
    "no headers": {"headers": 7},
    "no path": {"rawPath": None},
    "no base64": {"body": "a", "isBase64Encoded": True},
    "no body that could be decoded": {"body": None, "isBase64Encoded": True},
}


@pytest.fixture
def talkative(import_handler: Import, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Starts a function that logs every event: in the test, where standard error is captured."""
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    return import_handler


@pytest.mark.parametrize("event", WARM_UPS.values(), ids=WARM_UPS)
def test_a_warm_up_is_answered_at_once(
    talkative: Import, capsys: pytest.CaptureFixture[str], event: dict[str, Any]
) -> None:
    function = talkative()
    function.app.before_request(lambda: pytest.fail("a warm-up is no request"))
    assert function.handler(event, CONTEXT) == {"skipped": "warm-up"}
    (line,) = log_lines(capsys)
    assert (line["level"], line["message"], line["source"]) == ("INFO", "warm-up", event["source"])
    assert (line["coldStart"], line["lambdaRequestId"]) == (True, CONTEXT.aws_request_id)


@pytest.mark.parametrize("event", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_no_request_of_our_gateway_is_told_and_not_served(
    talkative: Import, capsys: pytest.CaptureFixture[str], event: Any
) -> None:
    function = talkative()
    function.app.before_request(lambda: pytest.fail("this is no request"))
    assert function.handler(event, CONTEXT) == {"skipped": "unknown event"}
    (line,) = log_lines(capsys)
    assert (line["level"], line["message"]) == ("WARNING", "unknown event")
    assert line["members"] == (sorted(event) if isinstance(event, dict) else [])
    assert "secret" not in json.dumps(line)


def test_a_large_unknown_event_makes_a_small_line(talkative: Import, capsys: pytest.CaptureFixture[str]) -> None:
    talkative().handler({f"{number}" * 1000: number for number in range(1000)}, CONTEXT)
    assert len(capsys.readouterr().err) < 1500


def test_an_event_is_not_changed(function: ModuleType) -> None:
    event = Gateway(function.handler).event("GET", "/health", {}, None)
    before = json.dumps(event)
    function.handler(event, CONTEXT)
    assert json.dumps(event) == before


@pytest.mark.parametrize("members", BROKEN.values(), ids=BROKEN)
def test_a_request_that_cannot_be_read_is_a_problem_without_a_stack(
    talkative: Import, capsys: pytest.CaptureFixture[str], members: dict[str, Any]
) -> None:
    function = talkative()
    gateway = Gateway(function.handler)
    event = gateway.event("GET", "/cats", {}, None) | members
    answer = unpack(function.handler(event, CONTEXT))
    (line,) = log_lines(capsys)
    assert (answer.status, answer.coded, answer.headers["Content-Type"]) == (500, False, "application/problem+json")
    assert answer.json["type"] == "/problems/internal"
    assert answer.json["requestId"] == line["requestId"] == event["requestContext"]["requestId"]
    assert "Traceback" not in answer.text
    assert (line["level"], line["message"], line["lambdaRequestId"]) == ("ERROR", "unhandled", CONTEXT.aws_request_id)
    assert line["stack"].startswith("Traceback")


def test_a_function_goes_on_after_an_event_that_it_could_not_read(talkative: Import) -> None:
    function = talkative()
    gateway = Gateway(function.handler)
    for event in (*UNKNOWN.values(), gateway.event("GET", "/cats", {}, None) | BROKEN["no headers"]):
        function.handler(event, CONTEXT)
    assert gateway.get("/health").status == 200


# The broken variants: serverless-wsgi without what stands before it.


def bare(function: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let every event through to serverless-wsgi."""
    monkeypatch.setattr("api.http.gateway.is_http_request", lambda event: True)
    return function.handler


@pytest.mark.parametrize("name", ["console test", "a bucket's", "version alone"])
def test_without_the_look_at_the_event_it_would_fail(function: ModuleType, name: str) -> None:
    with pytest.raises(KeyError):
        serverless_wsgi.handle_request(function.app, UNKNOWN[name], CONTEXT)


@pytest.mark.parametrize("name", ["REST API", "load balancer"])
def test_without_the_look_at_the_event_another_gateway_would_be_served(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert bare(function, monkeypatch)(UNKNOWN[name], CONTEXT)["statusCode"] == 200


def test_without_the_look_at_the_event_a_warm_up_would_print_what_is_no_json(
    function: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bare(function, monkeypatch)(SCHEDULED, CONTEXT) == {}
    with pytest.raises(json.JSONDecodeError):
        json.loads(capsys.readouterr().out)


def test_without_our_answer_a_broken_request_would_end_the_invocation(function: ModuleType) -> None:
    event = Gateway(function.handler).event("GET", "/cats", {}, None) | BROKEN["no base64"]
    with pytest.raises(binascii.Error):
        serverless_wsgi.handle_request(function.app, event, CONTEXT)
