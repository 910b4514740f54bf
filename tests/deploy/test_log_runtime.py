"""The log under Lambda's own runtime client, which sets up the root logger and standard error in its own way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.api_gateway import Gateway
from tests.support.deploy_fixtures import ENVIRONMENT
from tools.package.build import Package
from tools.runtime.sandbox import Execution, execution, unpack

DEPLOYED = ENVIRONMENT | {
    "TABLE_NAME": "clowder-log", "LOG_LEVEL": "INFO", "METRICS": "1",
    "AWS_ACCESS_KEY_ID": "of-lambda", "AWS_SECRET_ACCESS_KEY": "of-lambda",
}  # fmt: skip


@pytest.fixture(scope="module")
def task(artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked package."""
    return unpack(artefact, tmp_path_factory.mktemp("var") / "task")


def lines(started: Execution) -> list[dict[str, object]]:
    """Return what the function has logged: every line is JSON of its own, as CloudWatch's filters want it."""
    return [json.loads(line) for line in started.log.splitlines()]


def test_each_event_has_one_line_with_the_id_of_its_invocation(task: Path, tmp_path: Path) -> None:
    with execution(task, tmp_path / "log", DEPLOYED) as started:
        gateway = Gateway(started.handler)
        assert gateway.get("/health").status == 200
        started.handler({"source": "aws.events"})
        started.handler({})
        assert gateway.get("/health").status == 200
        first, warm_up, unknown, last = lines(started)
    assert [first["message"], warm_up["message"], unknown["message"]] == ["request", "warm-up", "unknown event"]
    assert [line["coldStart"] for line in (first, warm_up, unknown, last)] == [True, False, False, False]
    assert len({str(line["lambdaRequestId"]) for line in (first, warm_up, unknown, last)}) == 4
    assert "_aws" in first


def test_a_start_that_fails_is_a_line_that_the_alarm_finds(task: Path, tmp_path: Path) -> None:
    wrong = {name: value for name, value in DEPLOYED.items() if name != "CURSOR_KEY"}
    with execution(task, tmp_path / "log", wrong) as started:
        started.process.wait(30)
        assert lines(started) == [{"level": "ERROR", "message": "Clowder does not start. CURSOR_KEY is not set."}]
