"""Alarms and the dashboard name what there is, and reach somebody."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from api.http.metrics import NAMESPACE, UNITS
from tests.support.iam_findings import texts
from tests.support.template import CHOSEN, Template, chosen, made, named, production, stage, template

__all__ = ["chosen", "made", "production", "stage", "template"]

ERROR_LINES = "Clowder/${AWS::StackName}"
METRICS: dict[str, tuple[set[str], dict[str, str]]] = {
    "AWS/ApiGateway": ({"Count", "4xx", "5xx", "Latency"}, {"ApiId": "${HttpApi}"}),
    "AWS/Lambda": ({"Errors", "Throttles", "ConcurrentExecutions"}, {"FunctionName": "${ApiLambdaFunction}"}),
    "AWS/DynamoDB": (
        {"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"},
        {"TableName": "${Table}"},
    ),
    "AWS/Backup": ({"NumberOfBackupJobsCompleted"}, {"BackupVaultName": "${BackupVault}"}),
    NAMESPACE: (set(UNITS), {"Stage": "production"}),
    ERROR_LINES: ({"ErrorLines"}, {}),
}
"""The metrics that there are: by namespace, their names and what they are counted by."""
QUERY = re.compile(
    r"SELECT SUM\((SystemErrors|ThrottledRequests)\) FROM "
    r"SCHEMA\(\"AWS/DynamoDB\", Operation, TableName\) WHERE TableName = '\$\{Table\}'"
)
"""DynamoDB's metrics that are counted by operation too."""

SEARCH = re.compile(r"SEARCH\('\{AWS/DynamoDB,([\w,]+)\} TableName=\"\$\{Table\}\" MetricName=\((.+)\)', 'Sum', 300\)")
"""How the metrics of all indexes of the table are found."""

Metric = tuple[str, str, dict[str, str]]


def unknown(metrics: list[Metric]) -> list[Metric]:
    """Return the metrics that nobody counts."""
    known = {(space, name, str(by)) for space, (names, by) in METRICS.items() for name in names}
    return [metric for metric in metrics if (metric[0], metric[1], str(metric[2])) not in known]


def measured(alarm: dict[str, Any]) -> list[Metric]:
    """Return the metrics that an alarm looks at."""
    single = [alarm] if "MetricName" in alarm else []
    stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", ()) if "MetricStat" in query]
    return [_metric(told) for told in single + stats]


def _metric(told: dict[str, Any]) -> Metric:
    [space] = texts(told["Namespace"])
    return space, told["MetricName"], {by["Name"]: texts(by["Value"])[0] for by in told.get("Dimensions", ())}


def drawn(body: dict[str, Any]) -> list[Metric]:
    """Return the metrics that a dashboard draws, with its shorthand ("." and "...") written out."""
    found = []
    for widget in body["widgets"]:
        before: list[str] = []
        for line in widget["properties"].get("metrics", ()):
            row = [word for word in line if isinstance(word, str)]
            if not row:  # searched()
                continue
            row = before if row == ["..."] else [before[at] if word == "." else word for at, word in enumerate(row)]
            found.append((row[0], row[1], dict(zip(row[2::2], row[3::2], strict=True))))
            before = row
    return found


def searched(body: dict[str, Any]) -> set[tuple[str, str]]:
    """Return what a dashboard searches for: what it is counted by, and the names of the metrics."""
    lines = [line[0] for widget in body["widgets"] for line in widget["properties"].get("metrics", ())]
    told = [SEARCH.fullmatch(line["expression"]) for line in lines if isinstance(line, dict)]
    return {(match[1], name) for match in told if match for name in re.findall(r'"(\w+)"', match[2])}


def page(document: Template) -> dict[str, Any]:
    """Return the dashboard, with references left in."""
    [text] = texts(document.one("CloudWatch::Dashboard")["DashboardBody"])
    return dict(json.loads(text))


def test_production_has_every_alarm(production: Template) -> None:
    names = {texts(alarm["AlarmName"])[0] for alarm in production.of("CloudWatch::Alarm").values()}
    assert {name.removeprefix("${AWS::StackName}-") for name in names} == {
        "5xx-rate", "p99-latency", "throttles", "errors", "error-lines",
        "table-errors", "table-throttles", "backup-age",
    }  # fmt: skip


def test_every_alarm_tells_the_topic_and_says_what_it_means(production: Template) -> None:
    for name, alarm in production.of("CloudWatch::Alarm").items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}], name
        assert alarm["AlarmDescription"].endswith("."), name
        assert alarm.get("ActionsEnabled", True), name
        assert alarm.get("DatapointsToAlarm", 1) <= alarm["EvaluationPeriods"], name


def test_silence_is_no_alarm_but_where_it_means_that_there_is_no_backup(production: Template) -> None:
    treated = {name: alarm["TreatMissingData"] for name, alarm in production.of("CloudWatch::Alarm").items()}
    assert treated.pop("BackupAgeAlarm") == "breaching"
    assert set(treated.values()) == {"notBreaching"}


def test_every_alarm_looks_at_what_is_counted(production: Template) -> None:
    for name, alarm in production.of("CloudWatch::Alarm").items():
        queries = [query["Expression"] for query in alarm.get("Metrics", ()) if "MetricStat" not in query]
        sums = [text for query in queries for text in texts(query) if text.startswith("SELECT")]
        assert measured(alarm) or sums, name
        assert unknown(measured(alarm)) == [], name
        assert all(QUERY.fullmatch(text) for text in sums), name


def test_the_rate_of_failures_is_a_part_of_the_requests(production: Template) -> None:
    [rate, *parts] = production.of("CloudWatch::Alarm")["FaultsAlarm"]["Metrics"]
    assert rate["Expression"] == "100 * faults / requests"
    counted = {part["Id"]: part["MetricStat"]["Metric"]["MetricName"] for part in parts}
    assert counted == {"faults": "5xx", "requests": "Count"}
    assert not any(part["ReturnData"] for part in parts)


def test_error_lines_are_counted_as_the_log_writes_them(production: Template) -> None:
    counted = production.one("Logs::MetricFilter")
    assert counted["LogGroupName"] == {"Ref": "ApiLogGroup"}
    assert counted["FilterPattern"] == '{$.level = "ERROR"}'
    [told] = counted["MetricTransformations"]
    assert (texts(told["MetricNamespace"]), told["MetricName"]) == ([ERROR_LINES], "ErrorLines")


def test_alarms_can_be_told_through_the_key_and_nobody_else_can_use_it(production: Template) -> None:
    assert production.one("SNS::Topic")["KmsMasterKeyId"] == {"Ref": "AlarmKey"}
    key = production.one("KMS::Key")
    assert key["EnableKeyRotation"] is True
    users = {one["Sid"]: one for one in key["KeyPolicy"]["Statement"] if "kms:Decrypt" in one["Action"]}
    assert set(users) == {"AlarmsUseIt"}
    assert users["AlarmsUseIt"]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert users["AlarmsUseIt"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    own_account = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert users["AlarmsUseIt"]["Condition"] == own_account
    [publish, deny] = production.one("SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    assert (publish["Principal"], publish["Condition"]) == ({"Service": "cloudwatch.amazonaws.com"}, own_account)
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_somebody_gets_the_mail_where_an_address_is_told(production: Template, chosen: Template) -> None:
    assert not production.of("SNS::Subscription")
    mail = chosen.one("SNS::Subscription")
    assert (mail["Protocol"], mail["Endpoint"]) == ("email", CHOSEN["alarmEmail"])


def test_what_costs_something_each_month_is_made_in_production_alone(made: Template, stage: str) -> None:
    kinds = ("CloudWatch::Alarm", "SNS::Topic", "KMS::Key", "Backup::BackupPlan", "Backup::BackupSelection")
    assert {bool(made.of(kind)) for kind in kinds} == {stage == "production"}


def test_the_dashboard_draws_what_is_counted(production: Template) -> None:
    metrics = drawn(page(production))
    assert len(metrics) == 17
    assert unknown(metrics) == []
    # DynamoDB counts what an index refuses by the index, and not by the table alone.
    throttled = {name for space, name, _ in metrics if space == "AWS/DynamoDB" and "Throttle" in name}
    assert searched(page(production)) == {("TableName,GlobalSecondaryIndexName", name) for name in throttled}
    assert {name for space, name, _ in metrics if space == NAMESPACE} == set(UNITS)


@pytest.mark.parametrize(
    ("sound", "broken"), [("TableName,Global", "Global"), ('"${Table}"', '"any"'), ("WriteThrottle", "WriteThrotle")]
)
def test_a_search_that_finds_something_else_is_noticed(production: Template, sound: str, broken: str) -> None:
    [text] = texts(production.one("CloudWatch::Dashboard")["DashboardBody"])
    board = json.loads(text)
    [widget] = [one["properties"] for one in board["widgets"] if one["properties"]["title"] == "Table throttles"]
    [found] = [line[0] for line in widget["metrics"] if isinstance(line[0], dict)]
    assert sound in found["expression"]
    before = searched(board)
    found["expression"] = found["expression"].replace(sound, broken)
    assert searched(board) != before


@pytest.mark.parametrize(
    "line",
    [
        ["AWS/ApiGateway", "5XXError", "ApiId", "${HttpApi}"],
        ["AWS/ApiGateway", "5xx", "ApiName", "${HttpApi}"],
        ["AWS/Lambda", "Errors", "FunctionName", "clowder-dev-api"],
        ["AWS/DynamoDB", "SystemErrors", "TableName", "${Table}"],
        ["Clowder", "Latency", "Stage", "dev"],
        ["Clowder", "Latencies", "Stage", "production"],
    ],
)
def test_a_metric_that_nobody_counts_is_found(line: list[str]) -> None:
    assert len(unknown(drawn({"widgets": [{"properties": {"metrics": [line]}}]}))) == 1


def test_the_dashboard_names_what_the_stack_has(made: Template) -> None:
    board = made.one("CloudWatch::Dashboard")
    assert named(board) - {"AWS::Region", "AWS::StackName"} <= set(made.resources)
    [log] = [widget["properties"] for widget in page(made)["widgets"] if widget["type"] == "log"]
    assert log["query"].startswith("SOURCE '${ApiLogGroup}' |")
