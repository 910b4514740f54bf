"""Test the log lines of the function: their number, their fields and the request ids."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest
from flask import Response

from tests.support.api_gateway import Gateway
from tests.support.deploy_fixtures import ImportHandler
from tests.support.inspection import log_lines

SETTINGS = {"LOG_LEVEL": "INFO", "METRICS": "1"}
CONTEXT = SimpleNamespace(aws_request_id="8f5fbd8b-5a2f-4d5b-9f3e-1f2d3c4b5a69")


@pytest.fixture
def start(import_handler: ImportHandler, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImportHandler]:
    """Return a function that imports handler.py with the log settings of a deployment.

    As in Lambda, the root logger has a handler of its own.
    """
    root, handlers = logging.getLogger(), []

    def add_root_handler_and_import() -> ModuleType:
        handlers.append(logging.StreamHandler(sys.stderr))
        root.addHandler(handlers[-1])
        return import_handler()

    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    yield add_root_handler_and_import
    for handler in handlers:
        root.removeHandler(handler)


def get(function: ModuleType, path: str) -> int:
    """Send a GET request and return the status."""
    event = Gateway(function.handler).event("GET", path, {}, None)
    return int(function.handler(event, CONTEXT)["statusCode"])


def test_a_request_has_one_log_line_although_the_root_logger_has_a_handler(
    start: ImportHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    function = start()
    assert get(function, "/health") == 200
    (line,) = log_lines(capsys)
    assert line["message"] == "request"


def test_with_propagation_each_line_is_logged_twice(
    start: ImportHandler, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    function = start()
    monkeypatch.setattr(logging.getLogger("clowder"), "propagate", True)
    get(function, "/health")
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_second_start_in_one_process_does_not_duplicate_lines(
    start: ImportHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    start()
    get(start(), "/health")
    assert len(log_lines(capsys)) == 1


def test_only_the_first_event_of_an_instance_is_a_cold_start(
    start: ImportHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    function = start()
    for path in ("/health", "/nothing", "/health"):
        get(function, path)
    get(start(), "/health")
    assert [line["coldStart"] for line in log_lines(capsys)] == [True, False, False, True]


def test_a_request_after_a_warm_up_is_not_a_cold_start(
    start: ImportHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    function = start()
    function.handler({"source": "aws.events"}, CONTEXT)
    get(function, "/health")
    assert [line["coldStart"] for line in log_lines(capsys)] == [True, False]


def test_a_line_has_the_request_ids_of_the_gateway_and_of_lambda(
    start: ImportHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    function = start()
    get(function, "/health")
    (line,) = log_lines(capsys)
    assert line["requestId"] == "JKJaXmPLvHcESHA="
    assert line["lambdaRequestId"] == CONTEXT.aws_request_id
    assert line["trace"] == "Root=1-6921a7c0-4f2b9c0d1e3a5b7c8d9e0f12"


def test_a_line_has_the_ids_of_the_caller_besides_those_of_the_gateway_and_of_lambda(
    start: ImportHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    function = start()
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {"x-request-id": "mine", "traceparent": traceparent}
    response = function.handler(Gateway(function.handler).event("GET", "/health", headers, None), CONTEXT)
    assert (response["headers"]["X-Request-Id"], response["headers"]["traceparent"]) == ("mine", traceparent)
    (line,) = log_lines(capsys)
    assert (line["requestId"], line["serverRequestId"]) == ("mine", "JKJaXmPLvHcESHA=")
    assert (line["lambdaRequestId"], line["traceparent"]) == (CONTEXT.aws_request_id, traceparent)


def test_query_and_body_are_not_logged(start: ImportHandler, capsys: pytest.CaptureFixture[str]) -> None:
    function = start()
    gateway = Gateway(function.handler)
    gateway.send("POST", "/sessions?token=hidden", {"content-type": "application/json"}, '{"username": "hidden"}')
    text = capsys.readouterr().err
    assert json.loads(text)["path"] == "/sessions"
    assert "hidden" not in text


def test_an_error_of_the_app_is_logged_for_the_alarm(start: ImportHandler, capsys: pytest.CaptureFixture[str]) -> None:
    function = start()

    def fail() -> None:
        raise RuntimeError("a bug")

    function.app.before_request(fail)
    assert get(function, "/health") == 500
    error, request = log_lines(capsys)
    assert (error["level"], error["message"], error["requestId"]) == ("ERROR", "unhandled", request["requestId"])
    assert "RuntimeError: a bug" in error["stack"]
    assert (request["level"], request["status"]) == ("INFO", 500)


def fail_after_request(function: ModuleType) -> None:
    """Add an after_request function that raises an error."""

    def fail(_: Response) -> Response:
        raise RuntimeError("a bug in after_request")

    function.app.after_request(fail)


def test_an_error_that_flask_logs_is_logged_for_the_alarm(
    start: ImportHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    function = start()
    fail_after_request(function)
    assert get(function, "/health") == 500
    errors = [line for line in log_lines(capsys) if line["level"] == "ERROR"]
    assert errors
    assert "a bug in after_request" in errors[0]["stack"]


def test_the_default_flask_logger_does_not_write_json(start: ImportHandler, capsys: pytest.CaptureFixture[str]) -> None:
    function = start()
    fail_after_request(function)
    function.app.logger = logging.getLogger("flask.app")
    get(function, "/health")
    with pytest.raises(json.JSONDecodeError):
        log_lines(capsys)
