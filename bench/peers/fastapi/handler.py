"""The cat API with FastAPI and Mangum, as their documentation shows."""

from __future__ import annotations

from typing import Annotated, Any

import service
from cats import RequestError
from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from mangum import Mangum
from models import CatBody, CatPage, PublicCat, StaffCat

app = FastAPI()

OptionalHeader = Annotated[str | None, Header()]


@app.exception_handler(RequestError)
def handle_error(request: Request, error: RequestError) -> JSONResponse:  # noqa: ARG001 - FastAPI passes it
    """Convert a RequestError to a response."""
    return JSONResponse({"message": error.detail}, error.status)


@app.get("/cats", response_model=CatPage, response_model_exclude_unset=True)
def list_cats(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Any:
    """List the public cats."""
    return service.list_cats(limit)


@app.get("/cats/{name}", response_model=StaffCat | PublicCat)
def get_cat(name: str, response: Response, authorization: OptionalHeader = None) -> Any:
    """Get a cat."""
    cat, response.headers["ETag"] = service.get_cat(name, authorization)
    return cat


@app.put("/cats/{name}", response_model=StaffCat)
def put_cat(
    name: str,
    body: CatBody,
    response: Response,
    if_match: OptionalHeader = None,
    authorization: OptionalHeader = None,
) -> Any:
    """Replace a cat."""
    members = body.model_dump(mode="json", by_alias=True)
    cat, response.headers["ETag"] = service.put_cat(name, members, if_match, authorization)
    return cat


handler = Mangum(app)
