"""Brings a table back as it was, as a new table, beside the one that is there; that one is never touched.

Usage: ``python -m tools.ops.restore --table TABLE --to NEW (--at INSTANT | --backup ARN | --apply-settings)``

A restore carries over the items, the indexes, the billing mode and the encryption. It does not carry over when items
expire, point-in-time recovery, deletion protection and tags ("Restore a table in DynamoDB", Amazon DynamoDB Developer
Guide), and AWS Backup's not the encryption either: those are set here, before anybody is sent to the new table.
``--apply-settings`` does only that, for a table that AWS Backup has made, or for a restore that was interrupted.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from tools.cli import CliError, echo, error_message, run_main
from tools.deploy import serverless_config
from tools.tables import table_properties

LIMIT_SECONDS = 6 * 3600.0
"""A restore takes minutes for a small table and hours for a large one."""
POLL_SECONDS = 10.0
TELL_SECONDS = 60.0
APPEAR_SECONDS = 60.0
"""How long a table that was asked for may be unknown: DynamoDB's descriptions lag behind."""
MISSING = "missing"
SETTINGS_POLL_SECONDS = 5.0
SETTINGS_SECONDS = 600.0
BUSY_ERRORS = ("ConcurrentModificationException", "ResourceInUseException", "ContinuousBackupsUnavailableException")
"""Errors of a new table shortly after it is ACTIVE."""
ON = ("ENABLING", "ENABLED", "UPDATING")


def main() -> None:
    """Restore, and say how to switch."""
    told = _arguments()
    client: Any = boto3.client("dynamodb", region_name=told.region)
    _check(client, told)
    if not told.apply_settings:
        begin(client, told.table, told.to, told.at, told.backup)
        echo(f"{told.to} is being restored, beside {told.table}.")
    finish(client, told.table, told.to)
    echo(
        f"{told.to} is ready, with expiry, point-in-time recovery, deletion protection, encryption and tags. "
        f"{told.table} is as it was. To switch: make deploy STAGE=… with PARAMS=restoredTable={told.to}, or "
        f"restoredTable: {told.to} below the stage in serverless.yml."
    )


def begin(client: Any, source: str, target: str, at: datetime | None, backup: str | None) -> None:
    """Ask for the restore: from a backup if one is named, else to an instant."""
    if backup:
        client.restore_table_from_backup(TargetTableName=target, BackupArn=backup)
    else:
        client.restore_table_to_point_in_time(SourceTableName=source, TargetTableName=target, RestoreDateTime=at)


def finish(client: Any, source: str, target: str) -> None:
    """Wait for the new table, and apply its settings.

    Raises:
        CliError: AWS cannot be asked any more; says how to go on.
    """
    try:
        await_active(client, target)
        apply_table_settings(client, source, target)
    except (ClientError, BotoCoreError) as error:
        again = f"python -m tools.ops.restore --table {source} --to {target} --apply-settings"
        raise CliError(
            f"{error_message(error).rstrip('.')}. {target} goes on being made all the same; then: {again}"
        ) from None


def await_active(client: Any, name: str, poll: float = POLL_SECONDS, appear: float = APPEAR_SECONDS) -> None:
    """Return when the table and all of its indexes can be used; say from time to time that it is still being made.

    Raises:
        CliError: it takes too long, or something else became of it.
    """
    began = told = time.monotonic()
    while (status := _status(client, name)) != "ACTIVE":
        now = time.monotonic()
        limit = {"CREATING": LIMIT_SECONDS, "UPDATING": LIMIT_SECONDS, MISSING: appear}.get(status, 0.0)
        if now - began > limit:
            raise CliError(f"{name} is {status} after {(now - began) / 60:.0f} minutes; the old table is as it was.")
        if now - told > TELL_SECONDS:
            told = now
            echo(f"{name} is still being restored, after {(now - began) / 60:.0f} minutes.")
        time.sleep(poll)


def _status(client: Any, name: str) -> str:
    try:
        table = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:
        return MISSING
    parts = [table["TableStatus"], *(index["IndexStatus"] for index in table.get("GlobalSecondaryIndexes", ()))]
    return next((status for status in parts if status != "ACTIVE"), "ACTIVE")


def _check(client: Any, told: argparse.Namespace) -> None:
    """Find what would fail before anything is made."""
    check_name(told.table, told.to)
    there = _status(client, told.to) != MISSING
    if told.apply_settings and not there:
        raise CliError(f"There is no table called {told.to} yet. Nothing was changed.")
    if there and not told.apply_settings:
        raise CliError(f"There is a table called {told.to} already: a restore makes a new one. Nothing was changed.")
    if told.at and _status(client, told.table) == MISSING:
        raise CliError(f"There is no table called {told.table}: only a backup can bring it back. Nothing was changed.")
    if told.backup and not told.backup.startswith("arn:aws:dynamodb:"):
        raise CliError(
            f"{told.backup} is no backup of DynamoDB's own; AWS Backup restores its own. Nothing was changed."
        )


def check_name(source: str, target: str) -> None:
    """Let a stage's table be restored under a name of that stage alone: rights and backups go by the name.

    Raises:
        CliError: it is another name.
    """
    for stage in serverless_config.stages():
        prefix = f"{serverless_config.name()}-{stage}-"
        if source.startswith(prefix) and not target.startswith(prefix):
            raise CliError(
                f"A table of {stage} has a name that begins with {prefix}, or it is neither backed up nor deployed "
                f"to: {target} does not. Nothing was changed."
            )


def instant(word: str) -> datetime:
    """Read an instant, which says how far its clock is from UTC."""
    instant = datetime.fromisoformat(word)
    if instant.tzinfo is None:
        raise ValueError(word)
    return instant


def apply_table_settings(client: Any, source: str, target: str, poll: float = SETTINGS_POLL_SECONDS) -> None:
    """Apply the settings that a restore does not carry over. Repeating it changes nothing."""
    for call, arguments in _settings_calls(client, source, target):
        _call_when_ready(client, call, arguments, poll)


def _settings_calls(client: Any, source: str, target: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the calls that apply the settings. DynamoDB rejects a second call that enables expiry or encryption."""
    on, table = {"TableName": target}, client.describe_table(TableName=target)["Table"]
    if client.describe_time_to_live(**on)["TimeToLiveDescription"]["TimeToLiveStatus"] not in ON:
        yield (
            client.update_time_to_live,
            on | {"TimeToLiveSpecification": table_properties()["TimeToLiveSpecification"]},
        )
    recovery = {"PointInTimeRecoveryEnabled": True}
    yield client.update_continuous_backups, on | {"PointInTimeRecoverySpecification": recovery}
    yield client.update_table, on | {"DeletionProtectionEnabled": True}
    # The tags of the old table, if it still exists.
    if tags := _tags(client, source):
        yield client.tag_resource, {"ResourceArn": table["TableArn"], "Tags": tags}
    # Encryption last, because the table is busy after it. infra/table.yml has the same key: the one that AWS manages.
    if table.get("SSEDescription", {}).get("Status") not in ON:
        yield client.update_table, on | {"SSESpecification": {"Enabled": True, "SSEType": "KMS"}}


def _call_when_ready(client: Any, call: Any, arguments: dict[str, Any], poll: float) -> None:
    """Call until the new table is no longer busy."""
    deadline = time.monotonic() + SETTINGS_SECONDS
    while True:
        try:
            call(**arguments)
            return
        except client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in BUSY_ERRORS or time.monotonic() > deadline:
                raise
            time.sleep(poll)


def _tags(client: Any, source: str) -> list[dict[str, str]]:
    """Return the tags of a table without the reserved tags of AWS."""
    try:
        arn = client.describe_table(TableName=source)["Table"]["TableArn"]
    except client.exceptions.ResourceNotFoundException:
        return []
    tags = client.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return [tag for tag in tags if not tag["Key"].startswith("aws:")]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.ops.restore", description="Restores a table as a new one.")
    parser.add_argument("--table", required=True, help="the table to bring back: the stack's output TableName")
    parser.add_argument("--to", required=True, help="the name of the new table")
    parser.add_argument(
        "--region", default=os.environ.get("AWS_REGION") or serverless_config.REGION, help="AWS_REGION, or %(default)s"
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--at", type=instant, help="an instant with its offset, for example 2026-11-25T14:00:00+01:00")
    which.add_argument("--backup", help="the ARN of a backup")
    which.add_argument(
        "--apply-settings", action="store_true", help="NEW is there or being made: only set what it lacks"
    )
    return parser.parse_args()


if __name__ == "__main__":
    run_main(main)
