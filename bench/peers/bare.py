"""One cat by her name, with boto3 and nothing else: no rules, no errors but one, no headers but one."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import unquote

import boto3

table = os.environ["TABLE_NAME"]
client = boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer ``GET /cats/{name}``."""
    name = unquote(event["rawPath"]).removeprefix("/cats/")
    answer = client.get_item(TableName=table, Key={"pk": {"S": f"cats#{name}"}, "sk": {"S": "record"}})
    if "Item" not in answer:
        return {"statusCode": 404, "headers": {"content-type": "application/json"}, "body": "{}"}
    cat = json.loads(answer["Item"]["doc"]["S"])
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(cat)}
