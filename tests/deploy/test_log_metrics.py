"""Metrics embedded in the log: valid by CloudWatch's specification, and true."""

from __future__ import annotations

import json
import time
from typing import Any

import msgspec
import pytest

from api.http import metrics
from tests.support.api_gateway import Gateway
from tests.support.deploy_fixtures import Import
from tests.support.inspection import log_lines

UNITS = {"Seconds", "Milliseconds", "Bytes", "Percent", "Count", "None"}
DAY_MS = 24 * 3600 * 1000
LIMIT = 256 * 1024
NOW = 1_795_348_800_000
LINE: dict[str, Any] = {
    "ms": 12.5, "status": 200, "coldStart": True, "capacity": 1.5,
    **metrics.emf_fields("dev")({"ms": 12.5, "status": 200, "coldStart": True, "capacity": 1.5}),
}  # fmt: skip


def values(line: dict[str, Any]) -> dict[str, float]:
    """Return what CloudWatch makes of a line, which has to be as the embedded metric format says."""
    told = line["_aws"]
    assert told.keys() == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(told["Timestamp"], int)
    assert abs(told["Timestamp"] - time.time_ns() // 1_000_000) < DAY_MS, "milliseconds since 1970"
    (directive,) = told["CloudWatchMetrics"]
    assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
    assert 1 <= len(directive["Namespace"]) <= 255
    assert directive["Dimensions"] == [["Stage"]]
    assert isinstance(line["Stage"], str), "a dimension is a text"
    found = {}
    for metric in directive["Metrics"]:
        assert metric.keys() == {"Name", "Unit"}
        assert metric["Unit"] in UNITS
        assert type(line[metric["Name"]]) in (int, float), "a metric is a number"
        found[metric["Name"]] = line[metric["Name"]]
    return found


@pytest.fixture
def measured(import_handler: Import, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Starts a function that embeds metrics: in the test, where standard error is captured."""
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    monkeypatch.setenv("METRICS", "1")
    return import_handler


def test_a_request_tells_its_latency_and_what_it_consumed(measured: Import, capsys: pytest.CaptureFixture[str]) -> None:
    Gateway(measured().handler).get("/cats")
    text = capsys.readouterr().err
    assert len(text) < LIMIT
    line = json.loads(text)
    assert line["Stage"] == "dev"
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Clowder"
    told = values(line)
    assert told == {"Latency": line["ms"], "Faults": 0, "ColdStarts": 1, "Capacity": line["capacity"]}
    assert told["Capacity"] > 0


@pytest.mark.parametrize("path", ["/nothing", "/cats?limit=0"])
def test_a_refusal_is_no_fault(measured: Import, capsys: pytest.CaptureFixture[str], path: str) -> None:
    Gateway(measured().handler).get(path)
    assert values(log_lines(capsys)[-1])["Faults"] == 0


def test_a_fault_counts_one(measured: Import, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise RuntimeError("a bug")

    function = measured()
    function.app.before_request(fail)
    Gateway(function.handler).get("/cats")
    assert values(log_lines(capsys)[-1])["Faults"] == 1


def test_only_requests_carry_metrics(measured: Import, capsys: pytest.CaptureFixture[str]) -> None:
    function = measured()
    function.handler({"source": "aws.events"}, None)
    function.handler({}, None)
    assert not [line for line in log_lines(capsys) if "_aws" in line]


def test_without_the_setting_there_are_none(
    import_handler: Import, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    Gateway(import_handler().handler).get("/health")
    (line,) = log_lines(capsys)
    assert line.keys().isdisjoint({"_aws", "Stage", *metrics.UNITS})


@pytest.mark.parametrize(
    "broken",
    [
        {"Latency": "12.5"},
        {"Faults": False},
        {"Stage": 7},
        {"_aws": {"Timestamp": NOW // 1000}},
        {"_aws": {"Timestamp": None}},
        {"_aws": {"CloudWatchMetrics": [{"Namespace": "", "Dimensions": [["Stage"]], "Metrics": []}]}},
        {"_aws": {"CloudWatchMetrics": [{"Namespace": "C", "Dimensions": ["Stage"], "Metrics": []}]}},
    ],
    ids=["a text", "a truth", "a number for a dimension", "seconds", "no time", "no namespace", "no set"],
)
def test_a_line_that_cloudwatch_would_not_read_is_seen(broken: dict[str, Any]) -> None:
    line = msgspec.json.decode(msgspec.json.encode(LINE))
    assert values(line)
    line |= {name: line[name] | value if isinstance(value, dict) else value for name, value in broken.items()}
    with pytest.raises(AssertionError):
        values(line)
