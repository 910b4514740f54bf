"""Access to the table with boto3's client in its default configuration."""

from __future__ import annotations

import os
from typing import Any

import boto3

TABLE = os.environ["TABLE_NAME"]
client = boto3.client("dynamodb")


def get_item(collection: str, key: str, consistent: bool) -> dict[str, str] | None:
    """Return an item, or None if it does not exist."""
    item_key = {"pk": {"S": f"{collection}#{key}"}, "sk": {"S": "record"}}
    response = client.get_item(TableName=TABLE, Key=item_key, ConsistentRead=consistent)
    return _unmarshal(response["Item"]) if "Item" in response else None


def list_cats(list_key: str, limit: int) -> list[dict[str, str]]:
    """Return the first cats of a list, sorted by name."""
    response = client.query(
        TableName=TABLE,
        IndexName="list-by_name",
        KeyConditionExpression="list_key = :list_key",
        ExpressionAttributeValues={":list_key": {"S": list_key}},
        Limit=limit,
    )
    return [_unmarshal(item) for item in response["Items"]]


def replace_cat(cat: dict[str, str], entry: dict[str, str], expected: str) -> bool:
    """Write a cat and its history entry. Return False if the stored version is not the expected one."""
    try:
        client.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": TABLE,
                        "Item": _marshal(cat),
                        "ConditionExpression": "rev = :rev",
                        "ExpressionAttributeValues": {":rev": {"S": expected}},
                    }
                },
                {
                    "Put": {
                        "TableName": TABLE,
                        "Item": _marshal(entry),
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                },
            ],
            ClientRequestToken=cat["rev"],
        )
    except client.exceptions.TransactionCanceledException:
        return False
    return True


def _unmarshal(item: dict[str, Any]) -> dict[str, str]:
    return {name: next(iter(value.values())) for name, value in item.items()}


def _marshal(item: dict[str, str]) -> dict[str, Any]:
    return {name: {"S": value} for name, value in item.items()}
