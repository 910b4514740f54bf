"""Requests to the deployed handlers, and the DynamoDB calls and items that result from them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_hex
from typing import Any
from urllib.request import Request, urlopen

import boto3

from bench.environment import BenchEnvironment
from bench.handlers import Handler
from bench.workloads import PUT, UPDATED_CAT, Event, Workload, cat_body
from tests.support.scripted_server import Action, Requests, scripted_server

Response = dict[str, Any]
DynamoDBCall = tuple[str, dict[str, Any]]
"""An operation of DynamoDB, and the body of its request."""

HANDLE_EVENTS = """
import importlib, json, sys
module, _, name = sys.argv[1].partition(".")
handler = getattr(importlib.import_module(module), name)
with open(sys.argv[2], encoding="utf-8") as file:
    print(json.dumps([handler(event, None) for event in json.load(file)]))
"""


def case_of(handler: Handler, work: Workload) -> dict[str, Any]:
    case: dict[str, Any] = json.loads(handler.case_file(work).read_text(encoding="utf-8"))
    return case


@contextmanager
def changed_case(handler: Handler, work: Workload, change: Callable[[dict[str, Any]], object]) -> Iterator[None]:
    """Change a test case. Restore it at the end."""
    file, case = handler.case_file(work), case_of(handler, work)
    before = file.read_text(encoding="utf-8")
    change(case)
    file.write_text(json.dumps(case), encoding="utf-8")
    yield
    file.write_text(before, encoding="utf-8")


def put_event(handler: Handler, members: dict[str, Any], tag: str | None = None) -> Event:
    """Return the PUT of the workload with other members."""
    event: Event = case_of(handler, PUT)["event"]
    event["headers"] |= {"if-match": tag} if tag else {}
    return event | {"body": json.dumps(cat_body() | members)}


def send(handler: Handler, events: list[Event]) -> list[Response]:
    """Handle events in one process and return the responses."""
    file = handler.case_file(PUT).with_name("events.json")
    file.write_text(json.dumps(events), encoding="utf-8")
    output, _ = handler.run(["-c", HANDLE_EVENTS, handler.implementation.entry, str(file)])
    responses: list[Response] = json.loads(output)
    return responses


def dynamodb_calls(handler: Handler, work: Workload) -> list[DynamoDBCall]:
    """Return the calls that a handler makes to DynamoDB for a workload."""
    environment = handler.environment
    with scripted_server(forward_to(environment.variables["DYNAMODB_URL"])) as server:
        urls = {"AWS_ENDPOINT_URL_DYNAMODB": server.url, "DYNAMODB_URL": server.url}
        recorded = replace(handler, environment=replace(environment, variables=environment.variables | urls))
        event = put_event(handler, {"staffNotes": token_hex()}) if work.changes else case_of(handler, work)["event"]
        send(recorded, [event])
        return [(headers["x-amz-target"].rpartition(".")[2], body) for _, headers, body in server.received]


def forward_to(url: str) -> Action:
    """Forward each request to the emulator, and return its response."""

    def act(request: Requests) -> None:
        _, headers, body = request.server.received[-1]
        forwarded = {name: value for name, value in headers.items() if name not in ("host", "content-length")}
        with urlopen(Request(url, json.dumps(body).encode(), forwarded)) as response:
            request.send(response.status, response.read(), x_amz_crc32=response.headers["x-amz-crc32"])

    return act


def stored_items(environment: BenchEnvironment, handler: Handler) -> tuple[dict[str, Any], dict[str, Any]]:
    """Change a cat and return its item and its history entry, without the values that differ each time."""
    send(handler, [put_event(handler, {"pattern": "stripes"}), put_event(handler, {"pattern": "spots"})])
    client = boto3.client(
        "dynamodb", region_name="eu-west-1", endpoint_url=environment.variables["DYNAMODB_URL"],
        aws_access_key_id="bench", aws_secret_access_key="bench",
    )  # fmt: skip
    response = client.query(
        TableName=environment.variables["TABLE_NAME"],
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"cats#{UPDATED_CAT}"}},
    )
    client.close()
    plain = [{name: value["S"] for name, value in item.items()} for item in response["Items"]]
    items = sorted(plain, key=lambda item: item["sk"])
    return normalise(items[-1]), normalise(items[-2])


def normalise(item: dict[str, str]) -> dict[str, Any]:
    documents = {name: json.loads(item[name]) for name in ("doc", "entry") if name in item}
    for document in documents.values():
        for name in ("version", "updated", "publicVersion", "publicUpdated", "at", "by"):
            document.pop(name, None)
    assert item["sk"] == "record" or item["sk"].endswith(item["rev"])
    author = {"filter1_key": "", "by_time": ""} if "entry" in item else {}  # the index of authors: who, and when
    return {**item, **documents, **author, "rev": "", "sk": item["sk"].partition("#")[0]}
