"""Build responses: representation, entity tag, compression, caching and Prefer."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Request, Response

from api.context import Context
from api.http import preconditions
from api.http.negotiation import accepts_gzip
from api.http.request_body import JSON

TEXT, WEBP = "text/plain", "image/webp"
SMALLEST_GZIP = 1024
"""In bytes. Smaller bodies do not gain from compression."""
PUBLIC_CACHE = "public, no-cache"
PUBLIC_LIST_CACHE = "public, max-age=5, stale-while-revalidate=30"
"""For lists of anonymous callers: any cache may answer for five seconds, and for thirty more while it asks again."""
PRIVATE_CACHE = "private, no-store"
PUBLIC_FOREVER, PRIVATE_FOREVER = (f"{scope}, max-age=31536000, immutable" for scope in ("public", "private"))
"""For URLs with the version of their content (RFC 8246)."""

to_json = msgspec.json.Encoder().encode
"""Return a value as JSON."""


def select_fields(value: msgspec.Struct, fields: tuple[str, ...] | None) -> Any:
    """Return an entity with all its members, or with the selected ones."""
    if fields is None:
        return value
    members = msgspec.to_builtins(value)
    return {name: members[name] for name in fields if name in members}


def make_response(
    request: Request,
    body: bytes,
    *,
    status: int = 200,
    rev: str | None = None,
    private: bool = True,
    media: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a response with a representation.

    Args:
        request: the request, with its preconditions and preferences.
        body: the representation.
        status: 200, or 201 for a created entity.
        rev: the version of the entity, or None.
        private: whether the response is for this caller only.
        media: the media type of the body.
        headers: more headers, such as Location or Link.
    """
    compressed = len(body) >= SMALLEST_GZIP and media != WEBP and accepts_gzip(request.headers.get("Accept-Encoding"))
    etag = preconditions.make_etag(rev, body, preconditions.GZIP_SUFFIX if compressed else "")
    all_headers = {"ETag": f'"{etag}"', "Cache-Control": PRIVATE_CACHE if private else PUBLIC_CACHE, **(headers or {})}
    response = Response(body, status, all_headers, content_type=media)
    if (bodyless := _bodyless_status(request, response)) is not None:
        return _drop_body(response, bodyless)
    if compressed:
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def list_headers(context: Context, link: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers of a list: its links, and for an anonymous caller how long caches may use it (RFC 5861).

    A caller with a token or a session cookie may have written, and sees its own changes at once. ``Vary`` separates the
    callers, so that a browser does not show the list from before the login.
    """
    is_anonymous = not context.private and context.principal.username is None
    return {**link, "Cache-Control": PUBLIC_LIST_CACHE} if is_anonymous else link


def _bodyless_status(request: Request, response: Response) -> int | None:
    """Return the status of a response without a body: 304, or a minimal response to Prefer. None otherwise."""
    if request.method in ("GET", "HEAD"):
        return 304 if preconditions.not_modified(request, response.headers["ETag"].strip('"')) else None
    if not _wants_minimal(request):
        return None
    response.headers["Preference-Applied"] = "return=minimal"
    return response.status_code if response.status_code == 201 else 204


def no_store_response(body: bytes, *, status: int = 200, media: str = JSON, **headers: str) -> Response:
    """Return a no-store response without an entity tag, such as a token. Prefer and preconditions are ignored."""
    return Response(body, status, content_type=media, headers={"Cache-Control": PRIVATE_CACHE, **headers})


def no_content() -> Response:
    """Return a 204 response."""
    response = Response(status=204, headers={"Cache-Control": PRIVATE_CACHE})
    del response.headers["Content-Type"]
    return response


def see_other(request: Request, path: str) -> Response:
    """Redirect a browser to a page (RFC 9110, section 15.4.4). A reload of it does not send a form again."""
    response = no_content()
    response.status_code, response.location = 303, f"{request.script_root}{path}"
    return response


def add_quota(context: Context, response: Response) -> Response:
    """Add the headers of the rate limit that has the fewest attempts left, if the request met one.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
    """
    if context.quotas:
        quota = min(context.quotas.values(), key=lambda quota: quota.remaining)
        response.headers["RateLimit-Policy"] = f'"default";q={quota.limit};w={quota.window}'
        response.headers["RateLimit"] = f'"default";r={quota.remaining};t={quota.seconds_left}'
    return response


def _drop_body(response: Response, status: int) -> Response:
    response.status_code = status
    response.set_data(b"")
    if status != 304:  # api/http/response_headers.py still reads it and then removes it
        del response.headers["Content-Type"]
    if status != 201:
        del response.headers["Content-Length"]
    return response


def _wants_minimal(request: Request) -> bool:
    """Return whether the caller prefers a minimal response (RFC 7240, section 4.2)."""
    preferences = [
        p.split(";")[0].replace(" ", "").replace('"', "") for p in request.headers.get("Prefer", "").split(",")
    ]
    chosen = [p.lower() for p in preferences if p.lower().startswith("return=")]
    return chosen[:1] == ["return=minimal"]
