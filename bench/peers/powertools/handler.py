"""The café's cats with the event handler of Powertools for AWS Lambda, and its validation, as its pages show it."""

from __future__ import annotations

from typing import Annotated, Any

import service
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from cafe import Refused
from models import CatBody, CatPage, PublicCat, StaffCat

app = APIGatewayHttpResolver(enable_validation=True)

Token = Annotated[str | None, Header()]


@app.exception_handler(Refused)
def refuse(refused: Refused) -> Response[Any]:
    """Answer with a refusal."""
    return Response(refused.status, content_types.APPLICATION_JSON, {"message": refused.detail})


@app.get("/cats")
def list_cats(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> CatPage:
    """List the public cats."""
    return CatPage(**service.list_cats(limit))


@app.get("/cats/<name>")
def get_cat(name: str, authorization: Token = None) -> Response[StaffCat | PublicCat]:
    """Read a cat."""
    cat, etag = service.get_cat(name, authorization)
    model = StaffCat if "blockers" in cat else PublicCat
    return Response(200, content_types.APPLICATION_JSON, model(**cat), {"ETag": etag})


@app.put("/cats/<name>")
def put_cat(name: str, body: CatBody, if_match: Token = None, authorization: Token = None) -> Response[StaffCat]:
    """Replace a cat."""
    told = body.model_dump(mode="json", by_alias=True)
    cat, etag = service.put_cat(name, told, if_match, authorization)
    return Response(200, content_types.APPLICATION_JSON, StaffCat(**cat), {"ETag": etag})


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an event of an HTTP API."""
    return app.resolve(event, context)
