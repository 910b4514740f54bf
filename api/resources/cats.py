"""Cats: ``/cats`` and ``/cats/{name}``."""

from __future__ import annotations

from typing import ClassVar, get_args

from api.domain import cat_fields, cats, names
from api.domain.cat_views import DeletedCat, PublicCat, StaffCat
from api.domain.cats import CreateCat, ReplaceCat
from api.http import query_params
from api.http.pagination import CURSOR, LIMIT, UPDATED_SINCE
from api.http.query_params import QueryParameters, boolean, choice, csv
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation
from api.http.schemas import ListOf
from api.resources.crud import CollectionResource, ItemResource, fields_parameter
from api.services.cats import CATS

FIELDS = fields_parameter(StaffCat)
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
