"""Restore a table as a new table. The old table is not changed.

Usage: ``python -m tools.ops.restore --table TABLE --to NEW --time-zone ZONE [--erasures FILE]
(--at TIME | --backup ARN | --apply-settings)``

A restore of DynamoDB keeps the items, the indexes, the billing mode and the encryption. It does not keep TTL,
point-in-time recovery, deletion protection and tags ("Restore a table in DynamoDB", Amazon DynamoDB Developer Guide).
A restore of AWS Backup does not keep the encryption either. This command applies these settings to the new table.
``--apply-settings`` does only that, for a table that AWS Backup restored, or after an interrupted restore.

A backup also has the users that were deleted, and the values that were redacted, after it. All forms of the command
erase them again: see ``tools.ops.erasures``.
"""

from __future__ import annotations

import argparse
import shlex
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from api.domain.erasures import Erasure
from api.domain.errors import ClowderError
from api.services.erasures import list_erasures
from api.settings import Settings
from api.store.client import open_table
from api.store.table import Table
from tools.cli import CliError, echo, error_message, run_main
from tools.deploy import serverless_config
from tools.ops.erasures import read_file, repeat_erasures, report
from tools.region import add_region_option
from tools.tables import table_exists, table_properties, table_settings, time_zone

LIMIT_SECONDS = 6 * 3600.0
"""A restore takes minutes for a small table and hours for a large one."""
POLL_SECONDS = 10.0
PROGRESS_SECONDS = 60.0
APPEAR_SECONDS = 60.0
"""How long DescribeTable may not know the new table yet: it is eventually consistent."""
MISSING = "missing"
SETTINGS_POLL_SECONDS = 5.0
SETTINGS_SECONDS = 600.0
BUSY_ERRORS = ("ConcurrentModificationException", "ResourceInUseException", "ContinuousBackupsUnavailableException")
"""Errors of a new table shortly after it is ACTIVE."""
ENABLED = ("ENABLING", "ENABLED", "UPDATING")


def main() -> None:
    """Restore the table, and print how to switch to it."""
    arguments = _arguments()
    client: Any = boto3.client("dynamodb", region_name=arguments.region)
    source, target = arguments.table, arguments.to
    settings = table_settings(target, arguments.region, arguments.time_zone)
    exported = _check(client, arguments)
    if not arguments.apply_settings:
        if arguments.backup:
            client.restore_table_from_backup(TargetTableName=target, BackupArn=arguments.backup)
        else:
            names = {"SourceTableName": source, "TargetTableName": target}
            client.restore_table_to_point_in_time(**names, RestoreDateTime=arguments.at)
        echo(f"Restoring {source} as {target}.")
    echo(finish(client, arguments, settings, exported))
    echo(
        f"{target} is ready, with TTL, point-in-time recovery, deletion protection, encryption and tags. {source} was "
        f"not changed. To switch, run make deploy STAGE=… with PARAMS=restoredTable={target}, or set "
        f"restoredTable: {target} for the stage in serverless.yml and deploy. Then make it the table of the stack with "
        "python -m tools.ops.import_table --stage …"
    )


def finish(client: Any, arguments: argparse.Namespace, settings: Settings, exported: Sequence[Erasure]) -> str:
    """Wait for the new table, apply its settings and repeat the erasures, and return the result as text.

    Raises:
        CliError: a request failed; the message has the command that continues.
    """
    source, target = arguments.table, arguments.to
    try:
        await_active(client, target)
        apply_table_settings(client, source, target)
        return erase_again(client, source, settings, exported)
    except (ClientError, BotoCoreError, ClowderError) as error:
        raise CliError(
            f"{error_message(error).rstrip('.')}. {target} is not complete yet. To finish, run {_resume(arguments)}"
        ) from None


def _resume(arguments: argparse.Namespace) -> str:
    """Return the command that finishes the restore."""
    names = ["--table", arguments.table, "--to", arguments.to, "--region", arguments.region]
    names += ["--time-zone", arguments.time_zone]
    if arguments.erasures:
        names += ["--erasures", str(arguments.erasures)]
    return shlex.join(["python", "-m", "tools.ops.restore", *names, "--apply-settings"])


def erase_again(client: Any, source: str, settings: Settings, exported: Sequence[Erasure]) -> str:
    """Erase in the new table what was erased after the backup, and return the result as text."""
    old = list_erasures(Table(client, source)) if table_exists(client, source) else []
    if not old and not exported:
        return f"{source} has no record of an erasure after the backup. A file with such records: --erasures FILE."
    return report(settings.table_name, repeat_erasures(settings, open_table(settings), [*old, *exported]))


def await_active(client: Any, name: str, poll: float = POLL_SECONDS, appear: float = APPEAR_SECONDS) -> None:
    """Wait until the table and all of its indexes are active, and print the progress.

    Raises:
        CliError: the time limit has passed, or the table has another status.
    """
    start = printed = time.monotonic()
    while (status := _status(client, name)) != "ACTIVE":
        now = time.monotonic()
        minutes = f"{(now - start) / 60:.0f} minutes"
        limit = {"CREATING": LIMIT_SECONDS, "UPDATING": LIMIT_SECONDS, MISSING: appear}.get(status, 0.0)
        if now - start > limit:
            raise CliError(f"{name} is {status} after {minutes}. The old table was not changed.")
        if now - printed > PROGRESS_SECONDS:
            printed = now
            echo(f"{name} is still being restored after {minutes}.")
        time.sleep(poll)


def _status(client: Any, name: str) -> str:
    """Return ``ACTIVE``, or the first other status of the table and its indexes."""
    try:
        table = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:
        return MISSING
    statuses = [table["TableStatus"], *(index["IndexStatus"] for index in table.get("GlobalSecondaryIndexes", ()))]
    return next((status for status in statuses if status != "ACTIVE"), "ACTIVE")


def _check(client: Any, arguments: argparse.Namespace) -> list[Erasure]:
    """Return the exported erasures, or raise a CliError if the restore cannot succeed."""
    exported = read_file(arguments.erasures) if arguments.erasures else []
    source, target, backup = arguments.table, arguments.to, arguments.backup
    check_name(source, target)
    exists = _status(client, target) != MISSING
    if arguments.apply_settings and not exists:
        raise CliError(f"There is no table called {target} yet. Nothing was changed.")
    if exists and not arguments.apply_settings:
        raise CliError(f"There is already a table called {target}. Choose a new name. Nothing was changed.")
    if arguments.at and _status(client, source) == MISSING:
        raise CliError(f"There is no table called {source}. Restore it from a backup. Nothing was changed.")
    if backup and not backup.startswith("arn:aws:dynamodb:"):
        raise CliError(f"{backup} is not a DynamoDB backup. Restore it with AWS Backup. Nothing was changed.")
    return exported


def check_name(source: str, target: str) -> None:
    """Check that the table of a stage is restored under a name of that stage. Permissions and backups depend on it.

    Raises:
        CliError: the name has another prefix.
    """
    for stage in serverless_config.stages():
        prefix = f"{serverless_config.name()}-{stage}-"
        if source.startswith(prefix) and not target.startswith(prefix):
            raise CliError(
                f"The name {target} must begin with {prefix}, because the permissions and backups of {stage} "
                "cover only such tables. Nothing was changed."
            )


def timestamp(text: str) -> datetime:
    """Parse a timestamp with a UTC offset."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError(text)
    return value


def apply_table_settings(client: Any, source: str, target: str, poll: float = SETTINGS_POLL_SECONDS) -> None:
    """Apply the settings that a restore does not keep. Repeating it changes nothing."""
    for call, arguments in _settings_calls(client, source, target):
        _call_when_ready(client, call, arguments, poll)


def _settings_calls(client: Any, source: str, target: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Yield the calls that apply the settings. DynamoDB rejects a second call that enables TTL or encryption."""
    on, table = {"TableName": target}, client.describe_table(TableName=target)["Table"]
    if client.describe_time_to_live(**on)["TimeToLiveDescription"]["TimeToLiveStatus"] not in ENABLED:
        ttl = {"TimeToLiveSpecification": table_properties()["TimeToLiveSpecification"]}
        yield client.update_time_to_live, on | ttl
    recovery = {"PointInTimeRecoveryEnabled": True}
    yield client.update_continuous_backups, on | {"PointInTimeRecoverySpecification": recovery}
    yield client.update_table, on | {"DeletionProtectionEnabled": True}
    # The tags of the old table, if it still exists.
    if tags := _tags(client, source):
        yield client.tag_resource, {"ResourceArn": table["TableArn"], "Tags": tags}
    # Encryption last, because the table is busy after it. infra/table.yml has the same key: the one that AWS manages.
    if table.get("SSEDescription", {}).get("Status") not in ENABLED:
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
    parser = argparse.ArgumentParser(prog="python -m tools.ops.restore", description="Restore a table as a new table.")
    parser.add_argument("--table", required=True, help="the table to restore: the output TableName of the stack")
    parser.add_argument("--to", required=True, help="the name of the new table")
    parser.add_argument("--time-zone", required=True, type=time_zone, help="TIME_ZONE of the stage")
    add_region_option(parser)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--at", type=timestamp, help="a time with its offset, for example 2026-11-25T14:00:00+01:00")
    source.add_argument("--backup", help="the ARN of a DynamoDB backup")
    source.add_argument("--apply-settings", action="store_true", help="apply only the settings to the new table")
    parser.add_argument("--erasures", type=Path, metavar="FILE", help="erasures that tools.ops.erasures has exported")
    return parser.parse_args()


if __name__ == "__main__":
    run_main(main)
