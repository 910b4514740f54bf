"""Access to the table with boto3.resource, which converts items to plain values."""

from __future__ import annotations

import os
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key

dynamodb = boto3.resource("dynamodb")
table = dynamodb.Table(os.environ["TABLE_NAME"])


def get_item(collection: str, key: str, consistent: bool) -> dict[str, Any] | None:
    """Return an item, or None if it does not exist."""
    response = table.get_item(Key={"pk": f"{collection}#{key}", "sk": "record"}, ConsistentRead=consistent)
    return response.get("Item")


def list_cats(list_key: str, limit: int) -> list[dict[str, Any]]:
    """Return the first cats of a list, sorted by name."""
    condition = Key("list_key").eq(list_key)
    return table.query(IndexName="list-by_name", KeyConditionExpression=condition, Limit=limit)["Items"]


def replace_cat(cat: dict[str, str], entry: dict[str, str], expected: str) -> bool:
    """Write a cat and its history entry. Return False if the stored version is not the expected one."""
    client = dynamodb.meta.client
    unchanged = {"ConditionExpression": "rev = :rev", "ExpressionAttributeValues": {":rev": expected}}
    try:
        client.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": table.name, "Item": cat, **unchanged}},
                {"Put": {"TableName": table.name, "Item": entry, "ConditionExpression": "attribute_not_exists(pk)"}},
            ],
            ClientRequestToken=cat["rev"],
        )
    except client.exceptions.TransactionCanceledException:
        return False
    return True
