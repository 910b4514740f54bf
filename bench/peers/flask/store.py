"""The table, with boto3.resource, which speaks in plain values."""

from __future__ import annotations

import os
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key

dynamodb = boto3.resource("dynamodb")
table = dynamodb.Table(os.environ["TABLE_NAME"])


def read(noun: str, key: str, consistent: bool) -> dict[str, Any] | None:
    """Return one item."""
    answer = table.get_item(Key={"pk": f"{noun}#{key}", "sk": "record"}, ConsistentRead=consistent)
    return answer.get("Item")


def list_cats(name: str, most: int) -> list[dict[str, Any]]:
    """Return the first cats of a list, by name."""
    return table.query(IndexName="list-by_name", KeyConditionExpression=Key("list_key").eq(name), Limit=most)["Items"]


def write(cat: dict[str, str], entry: dict[str, str], expected: str) -> bool:
    """Put a cat in the place of a version of her, with the entry in her history; False if that version is gone."""
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
