"""The log as CloudWatch gets it from Lambda: which lines there are, and how they are joined with Lambda's own."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pytest
from flask import Response

from tests.support.api_gateway import Gateway
from tests.support.deploy_fixtures import Import
from tests.support.inspection import log_lines

WITH_METRICS = {"LOG_LEVEL": "INFO", "METRICS": "1"}
CONTEXT = SimpleNamespace(aws_request_id="8f5fbd8b-5a2f-4d5b-9f3e-1f2d3c4b5a69")


@pytest.fixture
def deployed(import_handler: Import, monkeypatch: pytest.MonkeyPatch) -> Iterator[Import]:
    """Starts the function with the log of a deployed one: in the test, where standard error is captured.

    The root logger is as Lambda's runtime sets it up, with a handler of its own for whatever arrives there.
    """
    root, added = logging.getLogger(), []

    def start() -> ModuleType:
        added.append(logging.StreamHandler(sys.stderr))
        root.addHandler(added[-1])
        return import_handler()

    for name, value in WITH_METRICS.items():
        monkeypatch.setenv(name, value)
    yield start
    for handler in added:
        root.removeHandler(handler)


def call(function: ModuleType, path: str) -> int:
    event = Gateway(function.handler).event("GET", path, {}, None)
    return int(function.handler(event, CONTEXT)["statusCode"])


def test_a_request_has_one_line_though_the_root_logger_has_a_handler(
    deployed: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deployed()
    assert call(function, "/health") == 200
    (line,) = log_lines(capsys)
    assert line["message"] == "request"


def test_if_lines_were_passed_on_each_would_be_there_twice(
    deployed: Import, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    function = deployed()
    monkeypatch.setattr(logging.getLogger("clowder"), "propagate", True)
    call(function, "/health")
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_second_start_in_one_process_writes_no_line_twice(
    deployed: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed()
    call(deployed(), "/health")
    assert len(log_lines(capsys)) == 1


def test_only_the_first_event_of_an_instance_is_a_cold_start(
    deployed: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deployed()
    for path in ("/health", "/nothing", "/health"):
        call(function, path)
    call(deployed(), "/health")
    assert [line["coldStart"] for line in log_lines(capsys)] == [True, False, False, True]


def test_whoever_comes_after_a_warm_up_has_not_waited(deployed: Import, capsys: pytest.CaptureFixture[str]) -> None:
    function = deployed()
    function.handler({"source": "aws.events"}, CONTEXT)
    call(function, "/health")
    assert [line["coldStart"] for line in log_lines(capsys)] == [True, False]


def test_a_line_has_the_ids_of_the_gateway_and_of_lambda(deployed: Import, capsys: pytest.CaptureFixture[str]) -> None:
    function = deployed()
    call(function, "/health")
    (line,) = log_lines(capsys)
    assert line["requestId"] == "JKJaXmPLvHcESHA="
    assert line["lambdaRequestId"] == CONTEXT.aws_request_id
    assert line["trace"] == "Root=1-6921a7c0-4f2b9c0d1e3a5b7c8d9e0f12"


def test_neither_query_nor_body_is_in_a_line(deployed: Import, capsys: pytest.CaptureFixture[str]) -> None:
    function = deployed()
    gateway = Gateway(function.handler)
    gateway.send("POST", "/sessions?token=hidden", {"content-type": "application/json"}, '{"username": "hidden"}')
    text = capsys.readouterr().err
    assert json.loads(text)["path"] == "/sessions"
    assert "hidden" not in text


def test_an_error_of_the_app_is_a_line_that_the_alarm_finds(
    deployed: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deployed()

    def fail() -> None:
        raise RuntimeError("a bug")

    function.app.before_request(fail)
    assert call(function, "/health") == 500
    error, request = log_lines(capsys)
    assert (error["level"], error["message"], error["requestId"]) == ("ERROR", "unhandled", request["requestId"])
    assert "RuntimeError: a bug" in error["stack"]
    assert (request["level"], request["status"]) == ("INFO", 500)


def break_the_end(function: ModuleType) -> None:
    def fail(_: Response) -> Response:
        raise RuntimeError("a bug at the end")

    function.app.after_request(fail)


def test_what_flask_itself_reports_is_a_line_that_the_alarm_finds(
    deployed: Import, capsys: pytest.CaptureFixture[str]
) -> None:
    function = deployed()
    break_the_end(function)
    assert call(function, "/health") == 500
    errors = [line for line in log_lines(capsys) if line["level"] == "ERROR"]
    assert errors
    assert "a bug at the end" in errors[0]["stack"]


def test_with_flasks_own_logger_it_would_be_no_json(deployed: Import, capsys: pytest.CaptureFixture[str]) -> None:
    function = deployed()
    break_the_end(function)
    function.app.logger = logging.getLogger("flask.app")
    call(function, "/health")
    with pytest.raises(json.JSONDecodeError):
        log_lines(capsys)
