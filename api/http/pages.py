"""Respond with HTML pages. ``api/web/pages`` builds their contexts; requests for JSON do not import this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Request, Response, render_template

from api.context import Context
from api.http import responses

MEDIA = "text/html; charset=utf-8"


def render_page(context: Context, request: Request, operation: str, value: Any, *, origin: str) -> bytes:
    """Return the page of an operation.

    Args:
        context: the principal and the time.
        request: the request.
        operation: the id of the operation.
        value: what the operation responds with as JSON.
        origin: the URL of the API.
    """
    template, variables = context.dependencies.build_page(
        operation,
        value,
        base=request.script_root,
        origin=origin,
        path=request.path,
        arguments=tuple(request.args.items(multi=True)),
        username=context.principal.username,
        role=context.principal.role,
        now=context.now,
        zone=context.dependencies.settings.zone,
    )
    return render_template(template, **variables).encode()


def page_response(
    context: Context,
    request: Request,
    operation: str,
    value: Any,
    *,
    origin: str,
    private: bool,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Respond with the page of an operation.

    The entity tag depends on the bytes alone, because a page shows more than its entity: the name of the caller, the
    age today. The page of a user is private, because its navigation depends on the user.

    Args:
        context: the principal and the time.
        request: the request.
        operation: the id of the operation.
        value: what the operation responds with as JSON.
        origin: the URL of the API.
        private: whether the JSON is for this caller only.
        headers: the links and the caching of a list.
    """
    html = render_page(context, request, operation, value, origin=origin)
    private = private or context.principal.username is not None
    return responses.make_response(request, html, private=private, media=MEDIA, headers=headers)
