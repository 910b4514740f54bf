"""What goes into the function and comes out of it, when requests are measured."""

from __future__ import annotations

import json
from typing import Any

from tools.cost.mix import Request


def event(request: Request, token: str, password: str, number: int) -> dict[str, Any]:
    """Return a request as an HTTP API sends it.

    Args:
        request: of which kind.
        token: of somebody of the staff.
        password: the owner's.
        number: makes of each one a change.
    """
    headers = {"host": "cafe.example", "accept": "application/json", "accept-encoding": "gzip"}
    body = ""
    if request.body is not None:
        told = {name: value.format(number, password) if isinstance(value, str) else value
                for name, value in request.body.items()}  # fmt: skip
        body = json.dumps(told)
        headers |= {"content-type": request.media, "content-length": str(len(body))}
    if request.method == "PATCH":
        headers["if-match"] = "*"
    if request.staff:
        headers["authorization"] = f"Bearer {token}"
    http = {"method": request.method, "path": request.path, "sourceIp": "203.0.113.7"}
    return {
        "version": "2.0", "rawPath": request.path, "rawQueryString": "", "headers": headers, "body": body,
        "isBase64Encoded": False,
        "requestContext": {"http": http, "requestId": "JKJaXmPLvHcESHA=", "stage": "$default"},
    }  # fmt: skip


def size(told: dict[str, Any]) -> int:
    """Return the bytes of an answer, as they go out."""
    head = sum(len(name) + len(value) + 4 for name, value in told["headers"].items())
    body = told.get("body", "")
    return head + (len(body) * 3 // 4 if told.get("isBase64Encoded") else len(body.encode()))
