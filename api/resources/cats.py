"""Cats: ``/cats``, ``/cats/{name}`` and ``/cats/{name}/portrait.svg``."""

from __future__ import annotations

from typing import Any, ClassVar, get_args
from urllib.parse import quote

from flask import Response

from api.domain import cat_fields, cats, names
from api.domain.cat_views import DeletedCat, PublicCat, StaffCat
from api.domain.cats import CreateCat, ReplaceCat
from api.domain.errors import NotFound
from api.http import query_params, responses
from api.http.deprecation import link
from api.http.pagination import CURSOR, LIMIT, UPDATED_SINCE
from api.http.query_params import QueryParameters, boolean, choice, csv
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation, RequestContext, operation
from api.http.schemas import ListOf
from api.resources.crud import CollectionResource, EntityResource, ItemResource, fields_parameter
from api.services.cats import CATS

SVG = "image/svg+xml"
FIELDS = fields_parameter(StaffCat)
PORTRAIT_VERSION = query_params.text(
    "v", 64, "The version of the drawing, from the canonical link. Caches may use the current version for a year."
)
LIST = QueryParameters(
    csv("status", get_args(cats.CatStatus), "The status."),
    csv("sex", get_args(cat_fields.Sex), "The sex."),
    csv("ageGroup", get_args(cats.AgeGroup), "Baby: under 1 year; young: under 3; adult: under 8; senior: from 8."),
    query_params.text("breed", 64, "The primary or secondary breed, in any case."),
    csv("goodWith.children", get_args(cat_fields.GoodWithChildren), "Compatibility with children."),
    csv("goodWith.cats", get_args(cat_fields.GoodWith), "Compatibility with cats."),
    csv("goodWith.dogs", get_args(cat_fields.GoodWith), "Compatibility with dogs."),
    csv("altered", get_args(cat_fields.YesNo), "Whether the cat is spayed or neutered."),
    boolean("bonded", "Whether the cat is bonded with other cats."),
    query_params.text(
        "name", 64, "The beginning of the name, in any case.", lambda text: names.normalise(text).casefold()
    ),
    choice(
        "sort",
        ("name", "-name", "created", "-created", "birthDate", "-birthDate", "newest", "age"),
        "The order; a minus means descending. Default: name, or -birthDate if ageGroup is the only filter. newest is a "
        "synonym of -created, and age of -birthDate.",
    ),
    FIELDS,
    LIMIT,
    CURSOR,
    UPDATED_SINCE,
)


class CatList(CollectionResource):
    """The cats."""

    path, tag, service = "/cats", "Cats", CATS
    tag_description = "The cats of the café, with their histories and weights."

    operations: ClassVar = {
        "get": Operation(
            "List cats",
            id="listCats",
            role="public",
            has_page=True,
            query=LIST,
            responses={200: ListOf(PublicCat | StaffCat, has_previous=True, deleted=DeletedCat)},
            description=(
                "The public sees residents, and cats that are available, reserved or on trial.\n"
                "\n"
                "A page with a ``next`` may be short or empty, because a filter reads at most ten times the limit."
            ),
        ),
        "post": Operation(
            "Create a cat",
            id="createCat",
            role="staff",
            body=CreateCat,
            accepts=(JSON, FORM),
            responses={201: StaffCat},
            error_statuses=(409,),
            description="The name must be new. With an Idempotency-Key it is safe to send the request again.",
        ),
    }


class CatItem(ItemResource):
    """A cat."""

    path, tag, service = "/cats/{name}", "Cats", CATS

    operations: ClassVar = {
        "get": Operation(
            "Get a cat",
            id="getCat",
            role="public",
            has_page=True,
            query=QueryParameters(FIELDS),
            responses={200: PublicCat | StaffCat},
            description=(
                "The staff also sees the notes and the ``blockers``: the reasons against an adoption, and what resolves"
                " each of them."
            ),
        ),
        "put": Operation(
            "Create or replace a cat",
            id="replaceCat",
            role="staff",
            body=ReplaceCat,
            accepts=(JSON, FORM),
            responses={200: StaffCat, 201: StaffCat},
            description="A field that is not sent gets its default. A bond is updated on both cats.",
        ),
        "patch": Operation(
            "Update a cat",
            id="updateCat",
            role="staff",
            body=ReplaceCat,
            accepts=(MERGE_PATCH,),
            responses={200: StaffCat, 201: StaffCat},
            description="A merge patch: null gives a member its default, arrays are replaced. Needs If-Match.",
        ),
        "delete": Operation(
            "Delete a cat",
            id="deleteCat",
            role="staff",
            responses={204: None},
            description="The bonds of the cat end. Its history stays readable.",
        ),
    }

    def page_of(self, request: RequestContext, entity: Any, view: Any) -> Any:
        """Return what the page shows; for the staff also the weights, the last changes and the open to-dos."""
        if not request.context.full_access:
            return view
        from api.services.cat_page import load_staff_page  # requests for JSON do not need it

        return load_staff_page(request.context, entity, view)


class CatPortrait(EntityResource):
    """The portrait of a cat."""

    path, tag, service = "/cats/{name}/portrait.svg", "Cats", CATS

    @operation(
        "Get the portrait of a cat",
        id="getCatPortrait",
        role="public",
        query=QueryParameters(PORTRAIT_VERSION),
        produces=(SVG,),
        responses={200: str},
    )
    def get(self, request: RequestContext, name: str) -> Response:
        """A drawing of the cat, from its colours, pattern, coat and age group. It has a title and a description.

        The same cat always looks the same. The drawing changes only if one of these members changes, or with a release.
        The link with ``rel="canonical"`` is the URL that caches may use for a year.
        """
        from api.web.portrait import draw, sitter_of, version_of  # few requests need it

        context = request.context
        _, record = self.service.find(context, name, consistent=context.private, as_sent=True)
        if record is None:
            raise NotFound
        cat = record.value
        svg = draw(sitter_of(cat, context.today))
        version = version_of(svg)
        headers = {
            "Link": link(f"{request.http.script_root}/cats/{quote(cat.name)}/portrait.svg?v={version}", "canonical"),
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(cat.name)}.svg",
        }
        if request.args["v"] == version:
            headers["Cache-Control"] = responses.PRIVATE_FOREVER if context.private else responses.PUBLIC_FOREVER
        return responses.make_response(request.http, svg, private=context.private, media=SVG, headers=headers)
