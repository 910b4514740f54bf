"""The cat API with the event handler and the validation of Powertools for AWS Lambda, as its documentation shows."""

from __future__ import annotations

from typing import Annotated, Any

import service
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response, content_types
from aws_lambda_powertools.event_handler.openapi.params import Header, Query
from cats import RequestError
from models import CatBody, CatPage, PublicCat, StaffCat

app = APIGatewayHttpResolver(enable_validation=True)

OptionalHeader = Annotated[str | None, Header()]


@app.exception_handler(RequestError)
def handle_error(error: RequestError) -> Response[Any]:
    """Convert a RequestError to a response."""
    return Response(error.status, content_types.APPLICATION_JSON, {"message": error.detail})


@app.get("/cats")
def list_cats(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> CatPage:
    """List the public cats."""
    return CatPage(**service.list_cats(limit))


@app.get("/cats/<name>")
def get_cat(name: str, authorization: OptionalHeader = None) -> Response[StaffCat | PublicCat]:
    """Get a cat."""
    cat, etag = service.get_cat(name, authorization)
    model = StaffCat if "blockers" in cat else PublicCat
    return Response(200, content_types.APPLICATION_JSON, model(**cat), {"ETag": etag})


@app.put("/cats/<name>")
def put_cat(
    name: str, body: CatBody, if_match: OptionalHeader = None, authorization: OptionalHeader = None
) -> Response[StaffCat]:
    """Replace a cat."""
    members = body.model_dump(mode="json", by_alias=True)
    cat, etag = service.put_cat(name, members, if_match, authorization)
    return Response(200, content_types.APPLICATION_JSON, StaffCat(**cat), {"ETag": etag})


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Handle an event of an HTTP API."""
    return app.resolve(event, context)
