"""Test the rollback trigger of a deployment against the CloudWatch of the local AWS, which ignores triggers itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.plugin import call_with_aws
from tools.checks.template.compile import placeholder_packages
from tools.deploy.serverless_config import ROOT
from tools.rehearsal.environment import Environment
from tools.rehearsal.ministack import MiniStack

STACK, ALARM = "clowder-production", "clowder-production-deployment"
RECORDER = f"""
const {{ CloudFormationClient }} = require("{ROOT}/node_modules/@aws-sdk/client-cloudformation");
const {{ send }} = CloudFormationClient.prototype;
CloudFormationClient.prototype.send = function (command, ...rest) {{
  const {{ RollbackConfiguration }} = command.input;
  if (RollbackConfiguration) require("fs").writeFileSync(process.env.RECORD, JSON.stringify(RollbackConfiguration));
  return send.call(this, command, ...rest);
}};
"""
"""Writes the rollback configuration that the CLI sends to a file."""


def triggers(cloud: MiniStack, alarms: str = "true") -> list[Any]:
    """Return the rollback configuration of a deployment, and the warning."""
    return call_with_aws(cloud, "triggers", "rollbackTriggers", {"stackName": STACK, "alarms": alarms})


def create_alarm(cloud: MiniStack, name: str = ALARM) -> str:
    """Create an alarm and return its ARN."""
    cloudwatch = cloud.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace="n", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    return str(alarm["AlarmArn"])


def test_the_first_deployment_with_alarms_has_no_trigger(cloud: MiniStack) -> None:
    create_alarm(cloud, "clowder-production-5xx-rate")
    assert triggers(cloud) == [None, f"The alarm {ALARM} does not exist yet: it will not roll back this deployment."]


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_an_alarm_of_the_stack_is_the_trigger(cloud: MiniStack, state: str) -> None:
    arn = create_alarm(cloud)
    cloud.client("cloudwatch").set_alarm_state(AlarmName=ALARM, StateValue=state, StateReason="test")
    trigger = {"Arn": arn, "Type": "AWS::CloudWatch::Alarm"}
    assert triggers(cloud) == [{"RollbackTriggers": [trigger], "MonitoringTimeInMinutes": 5}, ""]
    # The deployment deletes the alarm, and CloudFormation would fail without it.
    assert triggers(cloud, alarms="false") == [None, ""]


def test_an_alarm_that_is_on_does_not_roll_back_the_correction(cloud: MiniStack) -> None:
    create_alarm(cloud)
    cloud.client("cloudwatch").set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="test")
    assert triggers(cloud) == [None, f"The alarm {ALARM} is on: it will not roll back this deployment."]


def test_the_cli_sends_the_trigger_to_cloudformation(cloud: MiniStack, stage: Environment, tmp_path: Path) -> None:
    arn = create_alarm(cloud, "clowder-staging-deployment")
    package = placeholder_packages(tmp_path, '__version__ = "1.2.3"\n', stage.target)
    recorder, record = tmp_path / "recorder.cjs", tmp_path / "record.json"
    recorder.write_text(RECORDER, encoding="utf-8")
    stage.deployer = {"NODE_OPTIONS": f"--require={recorder}", "RECORD": str(record)}
    stage.params = {"alarms": "true"}
    # The local AWS cannot create the alarms, so the deployment fails after the CLI has sent it.
    result = stage.deploy(package)
    assert (result.code, record.exists()) == (1, True), result.output
    [trigger] = json.loads(record.read_text(encoding="utf-8"))["RollbackTriggers"]
    assert trigger["Arn"] == arn
