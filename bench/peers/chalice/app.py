"""The café's cats with Chalice, as its pages show it. Before it stands a REST API: Chalice knows no other."""

from __future__ import annotations

import functools
from collections.abc import Callable
from urllib.parse import unquote

import service
from cafe import Refused
from chalice import BadRequestError, Chalice, Response
from checks import checked

app = Chalice(app_name="cafe")


def refusing(view: Callable[..., Response]) -> Callable[..., Response]:
    """Make an answer of a refusal; Chalice itself knows its own errors only."""

    @functools.wraps(view)
    def answer(**path: str) -> Response:
        try:
            return view(**{name: unquote(value) for name, value in path.items()})
        except Refused as refused:
            return Response({"message": refused.detail}, status_code=refused.status)

    return answer


@app.route("/cats")
@refusing
def list_cats() -> Response:
    """List the public cats."""
    try:
        limit = int((app.current_request.query_params or {}).get("limit", "20"))
    except ValueError as error:
        raise BadRequestError("limit is a number.") from error
    return Response(service.list_cats(limit))


@app.route("/cats/{name}")
@refusing
def get_cat(name: str) -> Response:
    """Read a cat."""
    cat, etag = service.get_cat(name, app.current_request.headers.get("authorization"))
    return Response(cat, {"ETag": etag})


@app.route("/cats/{name}", methods=["PUT"])
@refusing
def put_cat(name: str) -> Response:
    """Replace a cat."""
    headers, body = app.current_request.headers, checked(app.current_request.json_body)
    cat, etag = service.put_cat(name, body, headers.get("if-match"), headers.get("authorization"))
    return Response(cat, {"ETag": etag})
