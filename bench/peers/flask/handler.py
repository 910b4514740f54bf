"""The café's cats with Flask, Flask-RESTful and serverless-wsgi, as their pages show it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import serverless_wsgi
import service
from cafe import Refused
from checks import checked
from flask import Flask, request
from flask_restful import Api, Resource, abort, reqparse

app = Flask(__name__)
api = Api(app)

paging = reqparse.RequestParser()
paging.add_argument("limit", type=int, default=20, location="args")

Answer = tuple[dict[str, Any], int] | tuple[dict[str, Any], int, dict[str, str]]


def refusing(method: Callable[..., Answer]) -> Callable[..., Answer]:
    """Answer with a refusal; Flask-RESTful takes no error but those of HTTP."""

    @functools.wraps(method)
    def answer(**path: str) -> Answer:
        try:
            return method(**path)
        except Refused as refused:
            abort(refused.status, message=refused.detail)

    return answer


class CatList(Resource):
    """The herd."""

    method_decorators = (refusing,)

    def get(self) -> Answer:
        """List the public cats."""
        return service.list_cats(paging.parse_args()["limit"]), 200


class CatItem(Resource):
    """One cat."""

    method_decorators = (refusing,)

    def get(self, name: str) -> Answer:
        """Read her."""
        cat, etag = service.get_cat(name, request.headers.get("Authorization"))
        return cat, 200, {"ETag": etag}

    def put(self, name: str) -> Answer:
        """Replace her."""
        body, headers = checked(request.get_json()), request.headers
        cat, etag = service.put_cat(name, body, headers.get("If-Match"), headers.get("Authorization"))
        return cat, 200, {"ETag": etag}


api.add_resource(CatList, "/cats")
api.add_resource(CatItem, "/cats/<string:name>")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an event of an HTTP API."""
    answer: dict[str, Any] = serverless_wsgi.handle_request(app, event, context)
    return answer
