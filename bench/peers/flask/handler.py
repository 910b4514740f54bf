"""The cat API with Flask, Flask-RESTful and serverless-wsgi, as their documentation shows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import serverless_wsgi
import service
from cats import RequestError
from flask import Flask, request
from flask_restful import Api, Resource, abort, reqparse
from validation import validate

app = Flask(__name__)
api = Api(app)

list_parser = reqparse.RequestParser()
list_parser.add_argument("limit", type=int, default=20, location="args")

ViewResult = tuple[dict[str, Any], int] | tuple[dict[str, Any], int, dict[str, str]]


def handle_errors(method: Callable[..., ViewResult]) -> Callable[..., ViewResult]:
    """Convert a RequestError to a response. Flask-RESTful converts only HTTP exceptions."""

    @functools.wraps(method)
    def wrapper(**path: str) -> ViewResult:
        try:
            return method(**path)
        except RequestError as error:
            abort(error.status, message=error.detail)

    return wrapper


class CatList(Resource):
    """The collection of cats."""

    method_decorators = (handle_errors,)

    def get(self) -> ViewResult:
        """List the public cats."""
        return service.list_cats(list_parser.parse_args()["limit"]), 200


class CatItem(Resource):
    """One cat."""

    method_decorators = (handle_errors,)

    def get(self, name: str) -> ViewResult:
        """Get the cat."""
        cat, etag = service.get_cat(name, request.headers.get("Authorization"))
        return cat, 200, {"ETag": etag}

    def put(self, name: str) -> ViewResult:
        """Replace the cat."""
        body, headers = validate(request.get_json()), request.headers
        cat, etag = service.put_cat(name, body, headers.get("If-Match"), headers.get("Authorization"))
        return cat, 200, {"ETag": etag}


api.add_resource(CatList, "/cats")
api.add_resource(CatItem, "/cats/<string:name>")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle an event of an HTTP API."""
    response: dict[str, Any] = serverless_wsgi.handle_request(app, event, context)
    return response
