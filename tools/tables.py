"""Makes a table as infra/table.yml says, on any DynamoDB: the deployed table's definition is the only one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from botocore.exceptions import ClientError

from api.store.table import Table
from tools.cli import CliError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEMPLATE = Path(__file__).resolve().parent.parent / "infra" / "table.yml"
ACTIVE_SECONDS = 120.0
POLL_SECONDS = 0.05

_CREATED_WITH = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
"""The properties that CreateTable takes as CloudFormation spells them. Backups and encryption are the cloud's."""


class _CloudFormation(yaml.SafeLoader):
    """YAML with CloudFormation's tags (``!Ref``, ``!Sub`` ...), which mean nothing here."""


_CloudFormation.add_multi_constructor("!", lambda *_: None)


def table_properties(template: Path = TEMPLATE) -> dict[str, Any]:
    """Return the properties of the table in a CloudFormation template."""
    document = yaml.load(template.read_text(encoding="utf-8"), Loader=_CloudFormation)  # noqa: S506 - a SafeLoader
    properties: dict[str, Any] = document["Resources"]["Table"]["Properties"]
    return properties


def table_exists(client: DynamoDBClient, name: str) -> bool:
    """Say whether there is a table of that name."""
    try:
        client.describe_table(TableName=name)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        return False
    return True


def create_table(client: DynamoDBClient, name: str) -> bool:
    """Make the table unless it is there, and return when it can be used; say whether it was made."""
    if table_exists(client, name):
        return False
    properties = table_properties()
    client.create_table(TableName=name, **{key: properties[key] for key in _CREATED_WITH})
    _await_active(client, name)
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
    return True


def scan(table: Table, names: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield all items of a table with their types, or only the attributes of some names, which commas separate."""
    request: dict[str, Any] = {"TableName": table.name, "ConsistentRead": True}
    if names:
        request["ProjectionExpression"] = names
    while True:
        answer = table.client.scan(**request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _await_active(client: DynamoDBClient, name: str) -> None:
    deadline = time.monotonic() + ACTIVE_SECONDS
    while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
        if time.monotonic() > deadline:
            raise CliError(f"The table {name} has not become ready within {ACTIVE_SECONDS:g} seconds.")
        time.sleep(POLL_SECONDS)
