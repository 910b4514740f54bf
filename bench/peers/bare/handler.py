"""The cat API with boto3 and no framework."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import service
from cats import RequestError
from validation import validate

Event = dict[str, Any]


def handler(event: Event, _context: Any) -> dict[str, Any]:
    """Handle an event of an HTTP API."""
    method, path = event["requestContext"]["http"]["method"], event["rawPath"]
    try:
        if method == "GET" and path == "/cats":
            limit = (event.get("queryStringParameters") or {}).get("limit", "20")
            return make_response(200, service.list_cats(int(limit)))
        if method == "GET" and path.startswith("/cats/"):
            return make_response(200, *service.get_cat(parse_name(path), event["headers"].get("authorization")))
        if method == "PUT" and path.startswith("/cats/"):
            return make_response(200, *put_cat(event, parse_name(path)))
    except RequestError as error:
        return make_response(error.status, {"message": error.detail})
    except ValueError:
        return make_response(400, {"message": "The request is malformed."})
    return make_response(404, {"message": "The path does not exist."})


def put_cat(event: Event, name: str) -> tuple[dict[str, Any], str]:
    """Replace a cat."""
    headers = event["headers"]
    body = validate(json.loads(event["body"]))
    return service.put_cat(name, body, headers.get("if-match"), headers.get("authorization"))


def parse_name(path: str) -> str:
    """Return the name of the cat in a path."""
    return unquote(path.removeprefix("/cats/"))


def make_response(status: int, body: Any, etag: str | None = None) -> dict[str, Any]:
    """Return a response for an HTTP API."""
    headers = {"content-type": "application/json", **({"etag": etag} if etag else {})}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body)}
