"""Brings a table back as it was, as a new table, beside the one that is there; that one is never touched.

Usage: ``python -m tools.restore --table TABLE --to NEW (--at INSTANT | --backup ARN)``

A restore carries over the items, the indexes, the billing mode and the encryption. It does not carry over when items
expire, point-in-time recovery, deletion protection and tags ("Restore a table in DynamoDB", Amazon DynamoDB Developer
Guide): those are set here, before anybody is sent to the new table.
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import datetime
from typing import Any

import boto3

from tools.deploy.service import REGION
from tools.problem import Problem, run_command, say
from tools.tables import table_exists, table_properties

LIMIT_SECONDS = 6 * 3600.0
"""A restore takes minutes for a small table and hours for a large one."""
POLL_SECONDS = 10.0
TELL_SECONDS = 60.0
SETTLING = ("ConcurrentModificationException", "ResourceInUseException", "ContinuousBackupsUnavailableException")
"""What a new table says for a moment after it is ACTIVE."""
SETTLE_SECONDS = 600.0


def main() -> None:
    """Restore, and say how to switch."""
    told = _arguments()
    client: Any = boto3.client("dynamodb", region_name=told.region)
    _check(client, told)
    begin(client, told.table, told.to, told.at, told.backup)
    say(f"{told.to} is being restored, beside {told.table}.")
    await_active(client, told.to)
    settle(client, told.table, told.to)
    say(
        f"{told.to} is ready, with expiry, point-in-time recovery, deletion protection and tags. {told.table} is as it "
        f"was. To switch: make deploy STAGE=… with PARAMS=restoredTable={told.to}, or restoredTable: {told.to} below "
        "the stage in serverless.yml."
    )


def begin(client: Any, source: str, target: str, at: datetime | None, backup: str | None) -> None:
    """Ask for the restore: from a backup if one is named, else to an instant."""
    if backup:
        client.restore_table_from_backup(TargetTableName=target, BackupArn=backup)
    else:
        client.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target, RestoreDateTime=at)


def await_active(client: Any, name: str, poll: float = POLL_SECONDS) -> None:
    """Return when the table and all of its indexes can be used; say from time to time that it is still being made.

    Raises:
        Problem: it takes too long, or something else became of it.
    """
    began = told = time.monotonic()
    while (status := _status(client, name)) != "ACTIVE":
        now = time.monotonic()
        if status != "CREATING" or now - began > LIMIT_SECONDS:
            raise Problem(f"{name} is {status} after {(now - began) / 60:.0f} minutes; the old table is as it was.")
        if now - told > TELL_SECONDS:
            told = now
            say(f"{name} is still being restored, after {(now - began) / 60:.0f} minutes.")
        time.sleep(poll)


def settle(client: Any, source: str, target: str, poll: float = POLL_SECONDS) -> None:
    """Give the new table what a restore does not carry over; tags are those of the old one, if it is there."""
    properties = table_properties()
    arn = client.describe_table(TableName=target)["Table"]["TableArn"]
    steps: list[tuple[Any, dict[str, Any]]] = [
        (
            client.update_time_to_live,
            {"TableName": target, "TimeToLiveSpecification": properties["TimeToLiveSpecification"]},
        ),
        (
            client.update_continuous_backups,
            {"TableName": target, "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True}},
        ),
        (client.update_table, {"TableName": target, "DeletionProtectionEnabled": True}),
    ]
    if tags := _tags(client, source):
        steps.append((client.tag_resource, {"ResourceArn": arn, "Tags": tags}))
    for call, arguments in steps:
        _patiently(client, call, arguments, poll)


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


def _status(client: Any, name: str) -> str:
    table = client.describe_table(TableName=name)["Table"]
    parts = [table["TableStatus"], *(index["IndexStatus"] for index in table.get("GlobalSecondaryIndexes", ()))]
    return next((status for status in parts if status != "ACTIVE"), "ACTIVE")


def _tags(client: Any, source: str) -> list[dict[str, str]]:
    """Return the table's tags, without those that AWS keeps for itself."""
    if not table_exists(client, source):
        return []
    arn = client.describe_table(TableName=source)["Table"]["TableArn"]
    tags = client.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return [tag for tag in tags if not tag["Key"].startswith("aws:")]


def _check(client: Any, told: argparse.Namespace) -> None:
    """Find what would fail before anything is made."""
    if table_exists(client, told.to):
        raise Problem(f"There is a table called {told.to} already: a restore makes a new one. Nothing was changed.")
    if told.at and not table_exists(client, told.table):
        raise Problem(f"There is no table called {told.table}: only a backup can bring it back. Nothing was changed.")
    if told.backup and not told.backup.startswith("arn:aws:dynamodb:"):
        raise Problem(
            f"{told.backup} is no backup of DynamoDB's own; AWS Backup restores its own. Nothing was changed."
        )


def instant(word: str) -> datetime:
    """Read an instant, which says how far its clock is from UTC."""
    instant = datetime.fromisoformat(word)
    if instant.tzinfo is None:
        raise ValueError(word)
    return instant


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.restore", description="Restores a table as a new one.")
    parser.add_argument("--table", required=True, help="the table to bring back: the stack's output TableName")
    parser.add_argument("--to", required=True, help="the name of the new table")
    parser.add_argument("--region", default=os.environ.get("AWS_REGION") or REGION, help="AWS_REGION, or %(default)s")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--at", type=instant, help="an instant with its offset, for example 2026-11-25T14:00:00+01:00")
    which.add_argument("--backup", help="the ARN of a backup")
    return parser.parse_args()


if __name__ == "__main__":
    run_command(main)
