"""Test the alarms and the dashboard: their metrics exist, and alarms notify the topic."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from api.domain.entity import BusinessMetric
from api.http.metrics import NAMESPACE, UNITS
from tests.support.iam_findings import possible_strings
from tests.support.template import ALL_OPTIONS, Template, references

ROOT = Path(__file__).resolve().parents[2]
ERROR_LINES_NAMESPACE = "Clowder/${AWS::StackName}"
METRICS: dict[str, tuple[set[str], dict[str, str]]] = {
    "AWS/ApiGateway": ({"Count", "4xx", "5xx", "Latency"}, {"ApiId": "${HttpApi}"}),
    "AWS/Lambda": ({"Errors", "Throttles", "ConcurrentExecutions"}, {"FunctionName": "${ApiLambdaFunction}"}),
    "AWS/Lambda, photos": ({"AsyncEventsDropped"}, {"FunctionName": "${PhotosLambdaFunction}"}),
    "AWS/DynamoDB": (
        {"ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "WriteThrottleEvents"},
        {"TableName": "${Table}"},
    ),
    "AWS/Backup": ({"NumberOfBackupJobsCompleted"}, {"BackupVaultName": "${BackupVault}"}),
    NAMESPACE: ({*UNITS, *get_args(BusinessMetric)}, {"Stage": "production"}),
    ERROR_LINES_NAMESPACE: ({"ErrorLines"}, {}),
}
"""The metrics that exist: by namespace, their names and dimensions."""
QUERY = re.compile(
    r"SELECT SUM\((SystemErrors|ThrottledRequests)\) FROM "
    r"SCHEMA\(\"AWS/DynamoDB\", Operation, TableName\) WHERE TableName = '\$\{Table\}'"
)
"""A query for metrics of DynamoDB that have a dimension for the operation."""

SEARCH = re.compile(r"SEARCH\('\{AWS/DynamoDB,([\w,]+)\} TableName=\"\$\{Table\}\" MetricName=\((.+)\)', 'Sum', 300\)")
"""A search for the metrics of all indexes of the table."""

Metric = tuple[str, str, dict[str, str]]


def find_unknown(metrics: list[Metric]) -> list[Metric]:
    """Return the metrics that do not exist."""
    known = {
        (space.partition(",")[0], name, str(dimensions))
        for space, (names, dimensions) in METRICS.items()
        for name in names
    }
    return [metric for metric in metrics if (metric[0], metric[1], str(metric[2])) not in known]


def alarm_metrics(alarm: dict[str, Any]) -> list[Metric]:
    """Return the metrics of an alarm."""
    single = [alarm] if "MetricName" in alarm else []
    stats = [query["MetricStat"]["Metric"] for query in alarm.get("Metrics", ()) if "MetricStat" in query]
    return [_metric(definition) for definition in single + stats]


def _metric(definition: dict[str, Any]) -> Metric:
    [space] = possible_strings(definition["Namespace"])
    dimensions = {each["Name"]: possible_strings(each["Value"])[0] for each in definition.get("Dimensions", ())}
    return space, definition["MetricName"], dimensions


def dashboard_metrics(body: dict[str, Any]) -> list[Metric]:
    """Return the metrics of a dashboard, with its abbreviations ("." and "...") expanded."""
    metrics = []
    for widget in body["widgets"]:
        previous: list[str] = []
        for line in widget["properties"].get("metrics", ()):
            row = [word for word in line if isinstance(word, str)]
            if not row:  # a search
                continue
            row = previous if row == ["..."] else [previous[i] if word == "." else word for i, word in enumerate(row)]
            metrics.append((row[0], row[1], dict(zip(row[2::2], row[3::2], strict=True))))
            previous = row
    return metrics


def dashboard_searches(body: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the searches of a dashboard: the dimensions and the name of each metric."""
    lines = [line[0] for widget in body["widgets"] for line in widget["properties"].get("metrics", ())]
    matches = [SEARCH.fullmatch(line["expression"]) for line in lines if isinstance(line, dict)]
    return {(match[1], name) for match in matches if match for name in re.findall(r'"(\w+)"', match[2])}


def dashboard(template: Template) -> dict[str, Any]:
    """Return the body of the dashboard. References remain in the strings."""
    [text] = possible_strings(template.get("CloudWatch::Dashboard")["DashboardBody"])
    return dict(json.loads(text))


def alarm_names(template: Template) -> set[str]:
    """Return the names of the alarms without the name of the stack."""
    names = {possible_strings(alarm["AlarmName"])[0] for alarm in template.list("CloudWatch::Alarm").values()}
    return {name.removeprefix("${AWS::StackName}-") for name in names}


def test_production_has_every_alarm(production: Template) -> None:
    assert alarm_names(production) == {
        "5xx-rate", "deployment", "p99-latency", "throttles", "errors", "error-lines",
        "table-errors", "table-throttles", "backup-age", "rejected-logins", "dropped-photos",
    }  # fmt: skip


def test_every_alarm_except_the_rollback_trigger_notifies_the_topic(production: Template) -> None:
    for name, alarm in production.list("CloudWatch::Alarm").items():
        topic = None if name == "DeploymentAlarm" else [{"Ref": "AlarmTopic"}]
        assert alarm.get("AlarmActions") == alarm.get("OKActions") == topic, name
        assert alarm.get("ActionsEnabled", True), name
        assert alarm.get("DatapointsToAlarm", 1) <= alarm["EvaluationPeriods"], name


@pytest.mark.parametrize("runbooks", ["docs/operations.md", ALL_OPTIONS["runbooks"]], ids=["file", "URL"])
def test_every_alarm_has_a_link_to_its_runbook(production: Template, full_production: Template, runbooks: str) -> None:
    template = production if runbooks == "docs/operations.md" else full_production
    titles = re.findall(r"^### `(.+)`$", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), re.M)
    links = {f"{runbooks}#{name}" for name in alarm_names(template)}
    assert {link.partition("#")[2] for link in links} <= set(titles)
    for alarm in template.list("CloudWatch::Alarm").values():
        [name] = possible_strings(alarm["AlarmName"])
        link = f"{runbooks}#{name.removeprefix('${AWS::StackName}-')}"
        assert re.fullmatch(rf".+\. Runbook: {re.escape(link)}", alarm["AlarmDescription"])
    [text] = [widget["properties"] for widget in dashboard(template)["widgets"] if widget["type"] == "text"]
    assert set(re.findall(r"\(([^)]+)\)", text["markdown"])) == links


def test_the_rollback_trigger_goes_on_within_the_monitoring_time(production: Template) -> None:
    alarm = production.list("CloudWatch::Alarm")["DeploymentAlarm"]
    [name] = possible_strings(alarm["AlarmName"])
    triggers = (ROOT / "tools" / "serverless" / "triggers.cjs").read_text(encoding="utf-8")
    assert f"`${{stackName}}{name.removeprefix('${AWS::StackName}')}`" in triggers
    [minutes] = re.findall(r"MonitoringTimeInMinutes = (\d+);", triggers)
    periods = {part["MetricStat"]["Period"] for part in alarm["Metrics"] if "MetricStat" in part}
    assert periods == {60}
    delay = 2  # minutes until API Gateway has reported a minute
    assert alarm["DatapointsToAlarm"] + delay < int(minutes)
    assert alarm["EvaluationPeriods"] <= int(minutes)


def test_missing_data_raises_only_the_backup_age_alarm(production: Template) -> None:
    treatments = {name: alarm["TreatMissingData"] for name, alarm in production.list("CloudWatch::Alarm").items()}
    assert treatments.pop("BackupAgeAlarm") == "breaching"
    assert set(treatments.values()) == {"notBreaching"}


def test_every_metric_of_an_alarm_exists(production: Template) -> None:
    for name, alarm in production.list("CloudWatch::Alarm").items():
        queries = [query["Expression"] for query in alarm.get("Metrics", ()) if "MetricStat" not in query]
        sums = [text for query in queries for text in possible_strings(query) if text.startswith("SELECT")]
        assert alarm_metrics(alarm) or sums, name
        assert find_unknown(alarm_metrics(alarm)) == [], name
        assert all(QUERY.fullmatch(text) for text in sums), name


@pytest.mark.parametrize("alarm", ["FaultsAlarm", "DeploymentAlarm"])
def test_5xx_rate_is_a_percentage_of_the_requests(production: Template, alarm: str) -> None:
    [rate, *parts] = production.list("CloudWatch::Alarm")[alarm]["Metrics"]
    assert rate["Expression"] == "100 * faults / requests"
    metrics = {part["Id"]: part["MetricStat"]["Metric"]["MetricName"] for part in parts}
    assert metrics == {"faults": "5xx", "requests": "Count"}
    assert not any(part["ReturnData"] for part in parts)


def test_401_and_429_are_added_up_for_their_alarm(production: Template) -> None:
    [total, *parts] = production.list("CloudWatch::Alarm")["RejectedLoginsAlarm"]["Metrics"]
    assert total["Expression"] == "unauthenticated + limited"
    metrics = {part["Id"]: part["MetricStat"]["Metric"]["MetricName"] for part in parts}
    assert metrics == {"unauthenticated": "Unauthenticated", "limited": "RateLimited"}
    assert not any(part["ReturnData"] for part in parts)


def test_metric_filter_counts_error_lines_of_the_function_log(production: Template) -> None:
    metric_filter = production.get("Logs::MetricFilter")
    assert metric_filter["LogGroupName"] == {"Ref": "ApiLogGroup"}
    assert metric_filter["FilterPattern"] == '{$.level = "ERROR"}'
    [transformation] = metric_filter["MetricTransformations"]
    assert possible_strings(transformation["MetricNamespace"]) == [ERROR_LINES_NAMESPACE]
    assert transformation["MetricName"] == "ErrorLines"


def test_only_cloudwatch_alarms_may_use_the_alarm_key_and_publish(production: Template) -> None:
    assert production.get("SNS::Topic")["KmsMasterKeyId"] == {"Ref": "AlarmKey"}
    key = production.get("KMS::Key")
    assert key["EnableKeyRotation"] is True
    users = {each["Sid"]: each for each in key["KeyPolicy"]["Statement"] if "kms:Decrypt" in each["Action"]}
    assert set(users) == {"AlarmsUseIt"}
    assert users["AlarmsUseIt"]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert users["AlarmsUseIt"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    own_account = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert users["AlarmsUseIt"]["Condition"] == own_account
    [publish, deny] = production.get("SNS::TopicPolicy")["PolicyDocument"]["Statement"]
    assert (publish["Principal"], publish["Condition"]) == ({"Service": "cloudwatch.amazonaws.com"}, own_account)
    assert (deny["Effect"], deny["Condition"]) == ("Deny", {"Bool": {"aws:SecureTransport": "false"}})


def test_alarms_are_mailed_only_if_an_address_is_configured(production: Template, full_production: Template) -> None:
    assert not production.list("SNS::Subscription")
    subscription = full_production.get("SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", ALL_OPTIONS["alarmEmail"])


def test_resources_with_a_monthly_price_exist_only_in_production(template: Template, stage: str) -> None:
    kinds = ("CloudWatch::Alarm", "SNS::Topic", "KMS::Key", "Backup::BackupPlan", "Backup::BackupSelection")
    assert {bool(template.list(kind)) for kind in kinds} == {stage == "production"}


def test_every_metric_of_the_dashboard_exists(production: Template) -> None:
    metrics = dashboard_metrics(dashboard(production))
    assert len(metrics) == 23
    assert find_unknown(metrics) == []
    # DynamoDB counts throttled requests of an index per index, and not per table.
    throttled = {name for space, name, _ in metrics if space == "AWS/DynamoDB" and "Throttle" in name}
    assert dashboard_searches(dashboard(production)) == {
        ("TableName,GlobalSecondaryIndexName", name) for name in throttled
    }
    assert {name for space, name, _ in metrics if space == NAMESPACE} == METRICS[NAMESPACE][0]


@pytest.mark.parametrize(
    ("correct", "wrong"), [("TableName,Global", "Global"), ('"${Table}"', '"any"'), ("WriteThrottle", "WriteThrotle")]
)
def test_a_wrong_dashboard_search_is_detected(production: Template, correct: str, wrong: str) -> None:
    [text] = possible_strings(production.get("CloudWatch::Dashboard")["DashboardBody"])
    body = json.loads(text)
    [widget] = [each["properties"] for each in body["widgets"] if each["properties"].get("title") == "Table throttles"]
    [search] = [line[0] for line in widget["metrics"] if isinstance(line[0], dict)]
    assert correct in search["expression"]
    before = dashboard_searches(body)
    search["expression"] = search["expression"].replace(correct, wrong)
    assert dashboard_searches(body) != before


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
def test_an_unknown_metric_is_detected(line: list[str]) -> None:
    assert len(find_unknown(dashboard_metrics({"widgets": [{"properties": {"metrics": [line]}}]}))) == 1


def test_the_dashboard_refers_only_to_existing_resources(template: Template) -> None:
    properties = template.get("CloudWatch::Dashboard")
    assert references(properties) - {"AWS::Region", "AWS::StackName"} <= set(template.resources)
    [log] = [widget["properties"] for widget in dashboard(template)["widgets"] if widget["type"] == "log"]
    assert log["query"].startswith("SOURCE '${ApiLogGroup}' |")
