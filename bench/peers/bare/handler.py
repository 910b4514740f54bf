"""The café's cats with boto3 and nothing else: the event is read by hand."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import service
from cafe import Refused
from checks import checked

Event = dict[str, Any]


def handler(event: Event, _context: Any) -> dict[str, Any]:
    """Answer an event of an HTTP API."""
    method, path = event["requestContext"]["http"]["method"], event["rawPath"]
    try:
        if method == "GET" and path == "/cats":
            limit = (event.get("queryStringParameters") or {}).get("limit", "20")
            return answer(200, service.list_cats(int(limit)))
        if method == "GET" and path.startswith("/cats/"):
            return answer(200, *service.get_cat(name_in(path), event["headers"].get("authorization")))
        if method == "PUT" and path.startswith("/cats/"):
            return answer(200, *put(event, name_in(path)))
    except Refused as refused:
        return answer(refused.status, {"message": refused.detail})
    except ValueError:
        return answer(400, {"message": "This cannot be read."})
    return answer(404, {"message": "There is nothing here."})


def put(event: Event, name: str) -> tuple[dict[str, Any], str]:
    """Replace a cat."""
    headers = event["headers"]
    body = checked(json.loads(event["body"]))
    return service.put_cat(name, body, headers.get("if-match"), headers.get("authorization"))


def name_in(path: str) -> str:
    """Return the name in a path."""
    return unquote(path.removeprefix("/cats/"))


def answer(status: int, body: Any, etag: str | None = None) -> dict[str, Any]:
    """Return an answer in the form of an HTTP API."""
    headers = {"content-type": "application/json", **({"etag": etag} if etag else {})}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
