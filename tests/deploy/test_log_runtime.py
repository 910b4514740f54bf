"""Test the log under the runtime client of Lambda, which configures the root logger and standard error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.api_gateway import Gateway
from tests.support.deploy_fixtures import ENVIRONMENT
from tools.package.build import Package
from tools.runtime.sandbox import Execution, execution, unpack

LOG_ENVIRONMENT = ENVIRONMENT | {
    "TABLE_NAME": "clowder-log", "LOG_LEVEL": "INFO", "METRICS": "1",
    "AWS_ACCESS_KEY_ID": "of-lambda", "AWS_SECRET_ACCESS_KEY": "of-lambda",
}  # fmt: skip


@pytest.fixture(scope="module")
def task(artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the unpacked package."""
    return unpack(artefact, tmp_path_factory.mktemp("var") / "task")


def log_lines(function: Execution) -> list[dict[str, object]]:
    """Return the log lines of the function. The filters of CloudWatch need one JSON document per line."""
    return [json.loads(line) for line in function.log.splitlines()]


def test_each_event_has_one_log_line_with_the_id_of_its_invocation(task: Path, tmp_path: Path) -> None:
    with execution(task, tmp_path / "log", LOG_ENVIRONMENT) as function:
        gateway = Gateway(function.handler)
        assert gateway.get("/health").status == 200
        function.handler({"source": "aws.events"})
        function.handler({})
        assert gateway.get("/health").status == 200
        first, warm_up, unknown, last = log_lines(function)
    assert [first["message"], warm_up["message"], unknown["message"]] == ["request", "warm-up", "unknown event"]
    assert [line["coldStart"] for line in (first, warm_up, unknown, last)] == [True, False, False, False]
    assert len({str(line["lambdaRequestId"]) for line in (first, warm_up, unknown, last)}) == 4
    assert "_aws" in first


def test_a_failed_start_is_logged_for_the_alarm(task: Path, tmp_path: Path) -> None:
    incomplete = {name: value for name, value in LOG_ENVIRONMENT.items() if name != "CURSOR_KEY"}
    with execution(task, tmp_path / "log", incomplete) as function:
        function.process.wait(30)
        assert log_lines(function) == [{"level": "ERROR", "message": "Clowder does not start. CURSOR_KEY is not set."}]
