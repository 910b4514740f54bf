"""The café's cats with the boto3 client that Clowder has, and nothing else: no validation and no rules of HTTP."""

from __future__ import annotations

import gc

gc.disable()

import hashlib
import os
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import boto3
import msgspec
from botocore.config import Config

TABLE, COUNT = os.environ["TABLE_NAME"], {"ReturnConsumedCapacity": "TOTAL"}
PUBLIC_CATS: dict[str, Any] = {
    "IndexName": "list-by_name",
    "KeyConditionExpression": "#p = :p AND #s BETWEEN :low AND :high",
    "ExpressionAttributeNames": {"#p": "list_key", "#s": "by_name"},
    "ExpressionAttributeValues": {":p": {"S": "cats#public"}, ":low": {"S": "\x00"}, ":high": {"S": "\U0010ffff"}},
    "ScanIndexForward": True,
    "ConsistentRead": False,
}
Item = dict[str, dict[str, str]]


def parse_body(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Parse the body of a response with msgspec, as api/store/client.py does."""
    if response_dict["status_code"] < 300:
        customized_response_dict.update(msgspec.json.decode(response_dict["body"]))
        response_dict["body"] = b""


config = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "legacy", "total_max_attempts": 1}, user_agent="floor",
    parameter_validation=False, max_pool_connections=16,
)  # fmt: skip
client = boto3.client("dynamodb", config=config)
client.meta.events.register("before-parse.dynamodb", parse_body)


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer an event of an HTTP API with the stored documents."""
    cat, token = record("cats", event["rawPath"].removeprefix("/cats/")), event["headers"].get("authorization")
    if event["rawPath"] == "/cats":
        limit = int(event["queryStringParameters"]["limit"])
        items = client.query(TableName=TABLE, Limit=limit + 1, **PUBLIC_CATS, **COUNT)["Items"][:limit]
    elif event["requestContext"]["http"]["method"] == "PUT":
        items = [replace(before, event["body"]) for before in read(cat, consistent=True)]
    elif token:
        digest = hashlib.sha256(token.removeprefix("Bearer ").encode()).digest()
        keys = [record("sessions", urlsafe_b64encode(digest).rstrip(b"=").decode()), cat]
        found = client.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}}, **COUNT)
        items = [item for item in found["Responses"][TABLE] if item["pk"] == cat["pk"]]
    else:
        items = read(cat, consistent=False)
    documents = ",".join(item["doc"]["S"] for item in items)
    return {"statusCode": 200 if items else 404, "headers": {}, "body": f"[{documents}]"}


def read(key: Item, *, consistent: bool) -> list[Item]:
    """Return the item at a key, if the table has it."""
    found = client.get_item(TableName=TABLE, Key=key, ConsistentRead=consistent, **COUNT)
    return [found["Item"]] if "Item" in found else []


def replace(before: Item, body: str) -> Item:
    """Write the next version of a cat, and an entry in her history."""
    now, rev = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), secrets.token_urlsafe(12)
    document = msgspec.json.decode(before["doc"]["S"]) | msgspec.json.decode(body)
    made = {"at": now, "action": "replaced", "by": "floor", "version": document["version"], "changed": []}
    new = {"doc": {"S": msgspec.json.encode(document).decode()}, "rev": {"S": rev}}
    after = before | new
    entry = {
        "pk": before["pk"],
        "sk": {"S": f"history#{now}#{rev}"},
        "entry": {"S": msgspec.json.encode(made).decode()},
    }
    writes = [write(after, "rev = :rev", {":rev": before["rev"]}), write(entry | new, "attribute_not_exists(pk)")]
    client.transact_write_items(TransactItems=writes, ClientRequestToken=rev, **COUNT)
    return after


def write(item: Item, condition: str, values: Item | None = None) -> dict[str, Any]:
    """Return a conditional write as TransactWriteItems takes it."""
    put: dict[str, Any] = {"TableName": TABLE, "Item": item, "ConditionExpression": condition}
    put["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return {"Put": put | ({"ExpressionAttributeValues": values} if values else {})}


def record(collection: str, key: str) -> Item:
    """Return the key of a record."""
    return {"pk": {"S": f"{collection}#{key}"}, "sk": {"S": "record"}}


gc.freeze()
gc.enable()
