"""The cookies of a browser: the session cookie with the token of the session, and the device cookie."""

from __future__ import annotations

import re

from flask import Request, Response

SESSION, DEVICE = "session", "device"
PREFIX = "__Host-"
"""Browsers accept a cookie with this prefix only if it is Secure, without a Domain, and for the path ``/``."""
LOOPBACK = frozenset({"127.0.0.1", "[::1]", "localhost"})
DEVICE_SECONDS = 365 * 24 * 3600
"""The lifetime of the device cookie. Browsers limit it to 400 days."""


def read_cookie(request: Request, name: str) -> str | None:
    """Return the value of a cookie, or None."""
    # serverless-wsgi sets an empty header for a request without cookies, and Flask would parse it.
    return (request.headers.get("Cookie") and request.cookies.get(_full_name(request, name))) or None


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie. With a lifetime of 0 seconds, delete it."""
    secure = not is_plain_loopback(request)
    full_name = _full_name(request, name)
    response.set_cookie(full_name, value, max_age=seconds, secure=secure, httponly=True, samesite="Lax", path="/")


def is_plain_loopback(request: Request) -> bool:
    """Return whether the browser is on this machine and does not use TLS.

    Not every browser stores a Secure cookie from there, so that the cookies have another name, without the prefix.
    """
    return request.scheme == "http" and re.sub(r":\d+\Z", "", request.host) in LOOPBACK


def _full_name(request: Request, name: str) -> str:
    return name if is_plain_loopback(request) else PREFIX + name
