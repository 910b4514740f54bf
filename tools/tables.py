"""Tables for the tools: create one from infra/table.yml, the only definition of the table, and open one."""

from __future__ import annotations

import argparse
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from botocore.exceptions import ClientError

from api.settings import Settings, SettingsError, read_settings
from api.store.table import Table
from tools.cli import CliError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEMPLATE = Path(__file__).resolve().parent.parent / "infra" / "table.yml"
ACTIVE_SECONDS = 120.0
POLL_SECONDS = 0.05

_CREATED_WITH = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
"""The properties that CreateTable shares with CloudFormation. Backups and encryption exist only on AWS."""


class _CloudFormation(yaml.SafeLoader):
    """A YAML loader that ignores the tags of CloudFormation (``!Ref``, ``!Sub`` ...)."""


_CloudFormation.add_multi_constructor("!", lambda *_: None)


@cache
def table_properties(template: Path = TEMPLATE) -> Mapping[str, Any]:
    """Return the properties of the table in a CloudFormation template. All calls return the same object."""
    document = yaml.load(template.read_text(encoding="utf-8"), Loader=_CloudFormation)  # noqa: S506 - a SafeLoader
    properties: dict[str, Any] = document["Resources"]["Table"]["Properties"]
    return properties


def table_settings(name: str, region: str, time_zone: str = "") -> Settings:
    """Return the settings for a table from the environment. The cursor key is required, but not used.

    Args:
        name: the table.
        region: the AWS region; empty for the default.
        time_zone: the zone of the café, for a tool that writes cats or to-dos. Their items depend on it.
    """
    arguments = {"TABLE_NAME": name, "AWS_REGION": region, "STAGE": "tools", "TIME_ZONE": time_zone}
    return read_settings({**os.environ, **arguments, "CURSOR_KEY": secrets.token_urlsafe(48)})


def time_zone(text: str) -> str:
    """Return the name of a time zone, as an argument of the command line.

    Raises:
        ArgumentTypeError: the IANA database does not have it.
    """
    try:
        return read_settings({"TABLE_NAME": "any", "CURSOR_KEY": "-" * 32, "TIME_ZONE": text or "-"}).time_zone
    except SettingsError:
        message = f"{text!r} is not the name of a time zone in the IANA database, such as Europe/London"
        raise argparse.ArgumentTypeError(message) from None


def table_exists(client: DynamoDBClient, name: str) -> bool:
    """Return whether the table exists."""
    try:
        client.describe_table(TableName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    return True


def has_current_indexes(client: DynamoDBClient, name: str) -> bool:
    """Return whether the table has the indexes of the template. A table of an earlier version may have others."""
    indexes = client.describe_table(TableName=name)["Table"].get("GlobalSecondaryIndexes", [])
    expected = {index["IndexName"] for index in table_properties()["GlobalSecondaryIndexes"]}
    return {index["IndexName"] for index in indexes} == expected


def create_table(client: DynamoDBClient, name: str) -> bool:
    """Create the table unless it exists, wait until it is active, and return whether it was created."""
    properties = table_properties()
    try:
        table = client.create_table(TableName=name, **{key: properties[key] for key in _CREATED_WITH})
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceInUseException":
            raise
        return False
    if table["TableDescription"]["TableStatus"] != "ACTIVE":
        _await_active(client, name)
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
    return True


def scan(table: Table, names: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield all items of a table in DynamoDB's typed format. ``names`` lists the attributes to read, with commas."""
    request: dict[str, Any] = {"TableName": table.name, "ConsistentRead": True}
    if names:
        request["ProjectionExpression"] = names
    while True:
        response = table.client.scan(**request)
        yield from response["Items"]
        if "LastEvaluatedKey" not in response:
            return
        request["ExclusiveStartKey"] = response["LastEvaluatedKey"]


def _await_active(client: DynamoDBClient, name: str) -> None:
    deadline = time.monotonic() + ACTIVE_SECONDS
    while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
        if time.monotonic() > deadline:
            raise CliError(f"The table {name} was not active after {ACTIVE_SECONDS:g} seconds.")
        time.sleep(POLL_SECONDS)
