"""How the steps look at what is there."""

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
    """Return the line of a request in the function's log, which comes a moment after its answer."""
    logs, group = stage.cloud.client("logs"), f"/aws/lambda/{stage.stack.name}-api"
    deadline = time.monotonic() + LOG_SECONDS
    while time.monotonic() < deadline:
        events = logs.filter_log_events(logGroupName=group, filterPattern=f'"{request_id}"')["events"]
        for event in events:
            if event["message"].startswith("{"):
                line: dict[str, Any] = json.loads(event["message"])
                return line
        time.sleep(POLL_SECONDS)
    return {}


def is_configured(dynamodb: Any, name: str) -> bool:
    """Say whether a table has what a restore does not carry over."""
    expiry = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    table = dynamodb.describe_table(TableName=name)["Table"]
    status = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    found = (
        expiry.get("AttributeName"),
        status,
        table["DeletionProtectionEnabled"],
        table["SSEDescription"]["SSEType"],
    )
    return found == ("expires", "ENABLED", True, "KMS")


def refused_to(call: Callable[..., object], **what: str) -> bool:
    """Say whether AWS does not let somebody do something."""
    try:
        call(**what)
    except ClientError as error:
        return error.response["Error"]["Code"].startswith("AccessDenied")
    return False


def gone(call: Callable[..., object], **what: str) -> bool:
    """Say whether AWS does not know something any more, by the call that would describe it."""
    try:
        call(**what)
    except ClientError:
        return True
    return False
