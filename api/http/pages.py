"""Respond with HTML pages. ``api/web/pages`` builds their contexts; requests for JSON do not import this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Response, render_template

from api.http import responses

if TYPE_CHECKING:
    from api.http.resource import RequestContext

MEDIA = "text/html; charset=utf-8"


def render_page(request: RequestContext, operation: str, value: Any) -> bytes:
    """Return the page of an operation.

    Args:
        request: the request.
        operation: the id of the operation.
        value: what the operation responds with as JSON.
    """
    context, http = request.context, request.http
    template, variables = context.dependencies.build_page(
        operation,
        value,
        base=http.script_root,
        origin=request.origin,
        path=http.path,
        arguments=tuple(http.args.items(multi=True)),
        username=context.principal.username,
        role=context.principal.role,
        now=context.now,
        zone=context.dependencies.settings.zone,
    )
    return render_template(template, **variables).encode()


def page_response(
    request: RequestContext, value: Any, *, private: bool, headers: Mapping[str, str] | None = None
) -> Response:
    """Respond with the page of the operation of a request.

    The entity tag depends on the bytes alone, because a page shows more than its entity: the name of the caller, the
    age today. The page of a user is private, because its navigation depends on the user.

    Args:
        request: the request.
        value: what the operation responds with as JSON.
        private: whether the JSON is for this caller only.
        headers: the links and the caching of a list.
    """
    html = render_page(request, request.operation.id, value)
    private = private or request.context.principal.username is not None
    return responses.make_response(request.http, html, private=private, media=MEDIA, headers=headers)
