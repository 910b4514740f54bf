"""What a stage has that costs something though nobody calls, read from serverless.yml and infra/."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import yaml

from api.http import metrics
from tools.cost.model import Stage
from tools.deploy import service

YES = "true"
INFRA = service.ROOT / "infra"


def read(name: str) -> Stage:
    """Return what a stage has."""
    alarms = _resources("alarms", "AWS::CloudWatch::Alarm") if _is(name, "alarms") else []
    watched = [_watched(alarm) for alarm in alarms]
    # The filter of the log sends its metric only when there is something to tell: it counts all the same.
    filters = _resources("alarms", "AWS::Logs::MetricFilter")
    return Stage(
        name=name,
        alarms=sum(plain for plain, _ in watched),
        queries=sum(queries for _, queries in watched),
        metrics=len(metrics.UNITS) + len(filters),
        dashboards=len(_resources("dashboard", "AWS::CloudWatch::Dashboard")),
        keys=len(_resources("alarms", "AWS::KMS::Key")) if _is(name, "alarms") else 0,
        traced=_is(name, "tracing"),
        log_days=int(service.parameter(name, "logDays", {})),
        backups=_copies() if _is(name, "backups") else Decimal(0),
    )


def _watched(alarm: dict[str, Any]) -> tuple[int, int]:
    """Return how many metrics an alarm names, and how many queries it makes."""
    parts = alarm.get("Metrics")
    if parts is None:
        return 1, 0
    queries = sum("SELECT" in str(part.get("Expression")) for part in parts)
    return sum("MetricStat" in part for part in parts), queries


def _copies() -> Decimal:
    """Return how many full copies of the table are kept: each rule makes one a day, or one a month."""
    [plan] = _resources("backups", "AWS::Backup::BackupPlan")
    copies = Decimal(0)
    for rule in plan["BackupPlan"]["BackupPlanRule"]:
        days = rule["Lifecycle"]["DeleteAfterDays"]
        copies += days if rule["RuleName"] == "daily" else Decimal(days // 30)
    return copies


def _is(stage: str, parameter: str) -> bool:
    return service.parameter(stage, parameter, {}) == YES


def _resources(file: str, kind: str) -> list[dict[str, Any]]:
    """Return the properties of all resources of a kind in a file of infra/."""
    told = yaml.safe_load((INFRA / f"{file}.yml").read_text(encoding="utf-8"))
    return [one["Properties"] for one in told["Resources"].values() if one["Type"] == kind]
