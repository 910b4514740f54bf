"""The cat API with the boto3 client of Clowder and nothing else: no validation and no HTTP semantics."""

from __future__ import annotations

import gc

gc.disable()

import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

import boto3
import msgspec
from botocore.config import Config

SECRET = os.environ["CURSOR_KEY"].encode()
TABLE, CAPACITY = os.environ["TABLE_NAME"], {"ReturnConsumedCapacity": "TOTAL"}
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
    """Handle an event of an HTTP API. Respond with the stored documents."""
    cat, token = item_key("cats", event["rawPath"].removeprefix("/cats/")), event["headers"].get("authorization")
    if event["rawPath"] == "/cats":
        limit = int(event["queryStringParameters"]["limit"])
        items = client.query(TableName=TABLE, Limit=limit + 1, **PUBLIC_CATS, **CAPACITY)["Items"][:limit]
    elif event["requestContext"]["http"]["method"] == "PUT":
        items = [replace_cat(before, event["body"]) for before in get_items(cat, consistent=True)]
    elif token:
        digest = hmac.digest(SECRET, b"sessions\n" + token.removeprefix("Bearer ").encode(), "sha256")
        keys = [item_key("sessions", urlsafe_b64encode(digest).rstrip(b"=").decode()), cat]
        response = client.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}}, **CAPACITY)
        items = [item for item in response["Responses"][TABLE] if item["pk"] == cat["pk"]]
    else:
        items = get_items(cat, consistent=False)
    documents = ",".join(item["doc"]["S"] for item in items)
    return {"statusCode": 200 if items else 404, "headers": {}, "body": f"[{documents}]"}


def get_items(key: Item, *, consistent: bool) -> list[Item]:
    """Return a list of the item with a key, empty if it does not exist."""
    response = client.get_item(TableName=TABLE, Key=key, ConsistentRead=consistent, **CAPACITY)
    return [response["Item"]] if "Item" in response else []


def replace_cat(before: Item, body: str) -> Item:
    """Write the next version of a cat and its history entry."""
    now, rev = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), secrets.token_urlsafe(12)
    document = msgspec.json.decode(before["doc"]["S"]) | msgspec.json.decode(body)
    change = {"at": now, "action": "replaced", "by": "floor", "version": document["version"], "changed": []}
    version = {"doc": {"S": msgspec.json.encode(document).decode()}, "rev": {"S": rev}}
    after = before | version
    entry = {
        "pk": before["pk"],
        "sk": {"S": f"history#{now}#{rev}"},
        "entry": {"S": msgspec.json.encode(change).decode()},
    }
    writes = [
        put_item(after, "rev = :rev", {":rev": before["rev"]}),
        put_item(entry | version, "attribute_not_exists(pk)"),
    ]
    client.transact_write_items(TransactItems=writes, ClientRequestToken=rev, **CAPACITY)
    return after


def put_item(item: Item, condition: str, values: Item | None = None) -> dict[str, Any]:
    """Return a conditional Put of TransactWriteItems."""
    put: dict[str, Any] = {"TableName": TABLE, "Item": item, "ConditionExpression": condition}
    put["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return {"Put": put | ({"ExpressionAttributeValues": values} if values else {})}


def item_key(collection: str, key: str) -> Item:
    """Return the primary key of an item."""
    return {"pk": {"S": f"{collection}#{key}"}, "sk": {"S": "record"}}


gc.freeze()
gc.enable()
