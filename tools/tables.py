"""Makes a table as infra/table.yml says, on any DynamoDB: the deployed table's definition is the only one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import yaml

from api.settings import Settings
from api.store.client import credentials
from api.store.table import Table
from tools.problem import Problem

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


def client(settings: Settings) -> DynamoDBClient:
    """Return boto3's client for the DynamoDB of a café: it makes tables, which the café itself never does."""
    key = credentials(settings)()
    return boto3.client(
        "dynamodb",
        region_name=settings.region,
        endpoint_url=settings.dynamodb_url,
        aws_access_key_id=key.access_key,
        aws_secret_access_key=key.secret_key,
        aws_session_token=key.token,
    )


def table_exists(client: DynamoDBClient, name: str) -> bool:
    """Say whether there is a table of that name."""
    try:
        client.describe_table(TableName=name)
    except client.exceptions.ResourceNotFoundException:
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
    request = {"TableName": table.name, "ConsistentRead": True} | ({"ProjectionExpression": names} if names else {})
    while True:
        answer = table.call("Scan", request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _await_active(client: DynamoDBClient, name: str) -> None:
    """Boto3's own waiter would look only every 20 seconds."""
    deadline = time.monotonic() + ACTIVE_SECONDS
    while client.describe_table(TableName=name)["Table"]["TableStatus"] != "ACTIVE":
        if time.monotonic() > deadline:
            raise Problem(f"The table {name} has not become ready within {ACTIVE_SECONDS:g} seconds.")
        time.sleep(POLL_SECONDS)
