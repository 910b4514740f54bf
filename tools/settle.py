"""Gives a restored table what a restore leaves out (see tools/restore.py)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from tools.tables import table_properties

POLL_SECONDS = 5.0
SETTLING = ("ConcurrentModificationException", "ResourceInUseException", "ContinuousBackupsUnavailableException")
"""What a new table says for a moment after it is ACTIVE."""
SETTLE_SECONDS = 600.0
ON = ("ENABLING", "ENABLED", "UPDATING")


def settle(client: Any, source: str, target: str, poll: float = POLL_SECONDS) -> None:
    """Give the new table what a restore does not carry over, as often as one likes."""
    for call, arguments in _steps(client, source, target):
        _patiently(client, call, arguments, poll)


def _steps(client: Any, source: str, target: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the calls that settle a table; DynamoDB refuses to switch on expiry or encryption a second time."""
    on, table = {"TableName": target}, client.describe_table(TableName=target)["Table"]
    if client.describe_time_to_live(**on)["TimeToLiveDescription"]["TimeToLiveStatus"] not in ON:
        yield (
            client.update_time_to_live,
            on | {"TimeToLiveSpecification": table_properties()["TimeToLiveSpecification"]},
        )
    recovery = {"PointInTimeRecoveryEnabled": True}
    yield client.update_continuous_backups, on | {"PointInTimeRecoverySpecification": recovery}
    yield client.update_table, on | {"DeletionProtectionEnabled": True}
    # Those of the old table, if it is there.
    if tags := _tags(client, source):
        yield client.tag_resource, {"ResourceArn": table["TableArn"], "Tags": tags}
    # The last: the table is busy for a while then. As infra/table.yml has it, with the key that AWS manages.
    if table.get("SSEDescription", {}).get("Status") not in ON:
        yield client.update_table, on | {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}}


def _patiently(client: Any, call: Any, arguments: dict[str, Any], poll: float) -> None:
    """Call again while the new table is still busy with itself."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        try:
            call(**arguments)
            return
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in SETTLING or time.monotonic() > deadline:
                raise
            time.sleep(poll)


def _tags(client: Any, source: str) -> list[dict[str, str]]:
    """Return the table's tags, without those that AWS keeps for itself."""
    try:
        arn = client.describe_table(TableName=source)["Table"]["TableArn"]
    except client.exceptions.ResourceNotFoundException:
        return []
    tags = client.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return [tag for tag in tags if not tag["Key"].startswith("aws:")]
