"""The café's cats with FastAPI and Mangum, as their pages show it."""

from __future__ import annotations

from typing import Annotated, Any

import service
from cafe import Refused
from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from mangum import Mangum
from models import CatBody, CatPage, PublicCat, StaffCat

app = FastAPI()

Token = Annotated[str | None, Header()]


@app.exception_handler(Refused)
def refuse(request: Request, refused: Refused) -> JSONResponse:  # noqa: ARG001 - FastAPI hands it over
    """Answer with a refusal."""
    return JSONResponse({"message": refused.detail}, refused.status)


@app.get("/cats", response_model=CatPage, response_model_exclude_unset=True)
def list_cats(limit: Annotated[int, Query(ge=1, le=100)] = 20) -> Any:
    """List the public cats."""
    return service.list_cats(limit)


@app.get("/cats/{name}", response_model=StaffCat | PublicCat)
def get_cat(name: str, response: Response, authorization: Token = None) -> Any:
    """Read a cat."""
    cat, response.headers["ETag"] = service.get_cat(name, authorization)
    return cat


@app.put("/cats/{name}", response_model=StaffCat)
def put_cat(name: str, body: CatBody, response: Response, if_match: Token = None, authorization: Token = None) -> Any:
    """Replace a cat."""
    told = body.model_dump(mode="json", by_alias=True)
    cat, response.headers["ETag"] = service.put_cat(name, told, if_match, authorization)
    return cat


handler = Mangum(app)
