"""Test the embedded metrics in the log against the CloudWatch embedded metric format."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest

from api.http import metrics
from tests.support.api_gateway import Gateway
from tests.support.deploy_fixtures import ImportHandler
from tests.support.inspection import log_lines

UNITS = {"Seconds", "Milliseconds", "Bytes", "Percent", "Count", "None"}
DAY_MS = 24 * 3600 * 1000
MAX_LINE_BYTES = 256 * 1024
NOW = 1_795_348_800_000
LINE: dict[str, Any] = {
    "ms": 12.5, "status": 200, "coldStart": True, "capacity": 1.5,
    **metrics.emf_fields("dev")({"ms": 12.5, "status": 200, "coldStart": True, "capacity": 1.5}, {"Weighings": 1}),
}  # fmt: skip


def metric_values(line: dict[str, Any]) -> dict[str, float]:
    """Check that a line has the embedded metric format, and return the value of each metric."""
    metadata = line["_aws"]
    assert metadata.keys() == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(metadata["Timestamp"], int)
    assert abs(metadata["Timestamp"] - time.time_ns() // 1_000_000) < DAY_MS, "milliseconds since 1970"
    (directive,) = metadata["CloudWatchMetrics"]
    assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
    assert 1 <= len(directive["Namespace"]) <= 255
    assert directive["Dimensions"] == [["Stage"]]
    assert isinstance(line["Stage"], str), "a dimension is a string"
    values = {}
    for metric in directive["Metrics"]:
        assert metric.keys() == {"Name", "Unit"}
        assert metric["Unit"] in UNITS
        assert type(line[metric["Name"]]) in (int, float), "a metric is a number"
        values[metric["Name"]] = line[metric["Name"]]
    return values


@pytest.fixture
def start(import_handler: ImportHandler, monkeypatch: pytest.MonkeyPatch) -> ImportHandler:
    """Return a function that imports handler.py with metrics enabled."""
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    monkeypatch.setenv("METRICS", "1")
    return import_handler


def test_a_request_has_metrics_for_latency_and_capacity(
    start: ImportHandler, capsys: pytest.CaptureFixture[str]
) -> None:
    Gateway(start().handler).get("/cats")
    text = capsys.readouterr().err
    assert len(text) < MAX_LINE_BYTES
    line = json.loads(text)
    assert line["Stage"] == "dev"
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Clowder"
    values = metric_values(line)
    assert values == {
        "Latency": line["ms"], "Faults": 0, "ColdStarts": 1, "Capacity": line["capacity"],
        "Unauthenticated": 0, "RateLimited": 0,
    }  # fmt: skip
    assert values["Capacity"] > 0


@pytest.mark.parametrize("path", ["/nothing", "/cats?limit=0"])
def test_a_client_error_is_not_counted_as_a_fault(
    start: ImportHandler, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    Gateway(start().handler).get(path)
    assert metric_values(log_lines(capsys)[-1])["Faults"] == 0


def test_an_internal_error_is_counted_as_a_fault(start: ImportHandler, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    function = start()
    function.app.before_request(fail)
    Gateway(function.handler).get("/cats")
    assert metric_values(log_lines(capsys)[-1])["Faults"] == 1


def test_401_and_429_are_counted(
    start: ImportHandler, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGIN_TRIES", "1")
    gateway = Gateway(start().handler)
    for _ in range(2):
        gateway.send("POST", "/sessions", {"content-type": "application/json"}, '{"username": "x", "password": "x"}')
    counted = [metric_values(line) for line in log_lines(capsys) if "_aws" in line]
    assert [(values["Unauthenticated"], values["RateLimited"]) for values in counted] == [(1, 0), (0, 1)]


def test_only_requests_have_metrics(start: ImportHandler, capsys: pytest.CaptureFixture[str]) -> None:
    function = start()
    function.handler({"source": "aws.events"}, None)
    function.handler({}, None)
    assert not [line for line in log_lines(capsys) if "_aws" in line]


def test_without_the_setting_there_are_no_metrics(
    import_handler: ImportHandler, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    Gateway(import_handler().handler).get("/health")
    (line,) = log_lines(capsys)
    assert line.keys().isdisjoint({"_aws", "Stage", *metrics.UNITS})


@pytest.mark.parametrize(
    "wrong",
    [
        {"Latency": "12.5"},
        {"Faults": False},
        {"Stage": 7},
        {"_aws": {"Timestamp": NOW // 1000}},
        {"_aws": {"Timestamp": None}},
        {"_aws": {"CloudWatchMetrics": [{"Namespace": "", "Dimensions": [["Stage"]], "Metrics": []}]}},
        {"_aws": {"CloudWatchMetrics": [{"Namespace": "C", "Dimensions": ["Stage"], "Metrics": []}]}},
    ],
    ids=["string", "boolean", "number as dimension", "seconds", "no time", "no namespace", "no dimension set"],
)
def test_a_line_with_a_wrong_format_is_detected(wrong: dict[str, Any]) -> None:
    line = msgspec.json.decode(msgspec.json.encode(LINE))
    assert metric_values(line)
    line |= {name: line[name] | value if isinstance(value, dict) else value for name, value in wrong.items()}
    with pytest.raises(AssertionError):
        metric_values(line)
