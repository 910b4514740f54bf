"""The table, with boto3's client as it comes."""

from __future__ import annotations

import os
from typing import Any

import boto3

TABLE = os.environ["TABLE_NAME"]
client = boto3.client("dynamodb")


def read(noun: str, key: str, consistent: bool) -> dict[str, str] | None:
    """Return one item."""
    wanted = {"pk": {"S": f"{noun}#{key}"}, "sk": {"S": "record"}}
    answer = client.get_item(TableName=TABLE, Key=wanted, ConsistentRead=consistent)
    return _plain(answer["Item"]) if "Item" in answer else None


def list_cats(name: str, most: int) -> list[dict[str, str]]:
    """Return the first cats of a list, by name."""
    answer = client.query(
        TableName=TABLE,
        IndexName="list-by_name",
        KeyConditionExpression="list_key = :list_key",
        ExpressionAttributeValues={":list_key": {"S": name}},
        Limit=most,
    )
    return [_plain(item) for item in answer["Items"]]


def write(cat: dict[str, str], entry: dict[str, str], expected: str) -> bool:
    """Put a cat in the place of a version of her, with the entry in her history; False if that version is gone."""
    try:
        client.transact_write_items(
            TransactItems=[
                {
                    "Put": {
                        "TableName": TABLE,
                        "Item": _typed(cat),
                        "ConditionExpression": "rev = :rev",
                        "ExpressionAttributeValues": {":rev": {"S": expected}},
                    }
                },
                {
                    "Put": {
                        "TableName": TABLE,
                        "Item": _typed(entry),
                        "ConditionExpression": "attribute_not_exists(pk)",
                    }
                },
            ],
            ClientRequestToken=cat["rev"],
        )
    except client.exceptions.TransactionCanceledException:
        return False
    return True


def _plain(item: dict[str, Any]) -> dict[str, str]:
    return {name: next(iter(value.values())) for name, value in item.items()}


def _typed(item: dict[str, str]) -> dict[str, Any]:
    return {name: {"S": value} for name, value in item.items()}
