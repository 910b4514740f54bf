"""The cat API with Chalice, as its documentation shows. Chalice supports only events of a REST API."""

from __future__ import annotations

import functools
from collections.abc import Callable
from urllib.parse import unquote

import service
from cats import RequestError
from chalice import BadRequestError, Chalice, Response
from validation import validate

app = Chalice(app_name="cafe")


def handle_errors(view: Callable[..., Response]) -> Callable[..., Response]:
    """Convert a RequestError to a response. Chalice converts only its own errors."""

    @functools.wraps(view)
    def wrapper(**path: str) -> Response:
        try:
            return view(**{name: unquote(value) for name, value in path.items()})
        except RequestError as error:
            return Response({"message": error.detail}, status_code=error.status)

    return wrapper


@app.route("/cats")
@handle_errors
def list_cats() -> Response:
    """List the public cats."""
    try:
        limit = int((app.current_request.query_params or {}).get("limit", "20"))
    except ValueError as error:
        raise BadRequestError("limit must be an integer.") from error
    return Response(service.list_cats(limit))


@app.route("/cats/{name}")
@handle_errors
def get_cat(name: str) -> Response:
    """Get a cat."""
    cat, etag = service.get_cat(name, app.current_request.headers.get("authorization"))
    return Response(cat, {"ETag": etag})


@app.route("/cats/{name}", methods=["PUT"])
@handle_errors
def put_cat(name: str) -> Response:
    """Replace a cat."""
    headers, body = app.current_request.headers, validate(app.current_request.json_body)
    cat, etag = service.put_cat(name, body, headers.get("if-match"), headers.get("authorization"))
    return Response(cat, {"ETag": etag})
