"""Checks of the local AWS that the steps share."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from tools.rehearsal.environment import Environment

LOG_SECONDS = 10.0
POLL_SECONDS = 0.05


def logged_line(stage: Environment, request_id: str) -> dict[str, Any]:
    """Wait for the line of a request in the log of the function, and return it; empty if there is none."""
    logs, group = stage.cloud.client("logs"), f"/aws/lambda/{stage.stack.name}-api"
    deadline = time.monotonic() + LOG_SECONDS
    while time.monotonic() < deadline:
        for event in logs.filter_log_events(logGroupName=group, filterPattern=f'"{request_id}"')["events"]:
            if event["message"].startswith("{"):
                return dict(json.loads(event["message"]))
        time.sleep(POLL_SECONDS)
    return {}


def is_configured(dynamodb: Any, name: str) -> bool:
    """Return whether a table has the settings that a restore does not keep."""
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"].get("AttributeName")
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    table = dynamodb.describe_table(TableName=name)["Table"]
    settings = (ttl, recovery, table["DeletionProtectionEnabled"], table["SSEDescription"]["SSEType"])
    return settings == ("expires", "ENABLED", True, "KMS")


def error_code(call: Callable[..., object], **arguments: object) -> str:
    """Call AWS, and return the error code of the response; empty if the call succeeds."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""
