"""Cats: ``/cats`` and ``/cats/{name}``."""

from __future__ import annotations

from typing import ClassVar, get_args

from api.domain import cat_fields, cats, names
from api.domain.cat_views import PublicCat, StaffCat
from api.domain.cats import CatBody, NewCat
from api.http import query_params
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters, boolean, choice, csv
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation
from api.http.schemas import ListOf
from api.resources.crud import CollectionResource, ItemResource
from api.services.cats import CATS

FIELDS = csv("fields", StaffCat.__struct_encode_fields__, "The members to answer with; all by default.")
LIST = QueryParameters(
    choice("status", get_args(cats.Status), "Where she stands."),
    choice("sex", get_args(cat_fields.Sex), "Her sex."),
    choice("ageGroup", get_args(cats.AgeGroup), "Baby under 1 year, young under 3, adult under 8, senior."),
    query_params.text("breed", 64, "Her primary or secondary breed, in any case."),
    choice("goodWith.children", get_args(cat_fields.GoodWithChildren), "With children; as it is written of her."),
    choice("goodWith.cats", get_args(cat_fields.GoodWith), "With cats; as it is written of her."),
    choice("goodWith.dogs", get_args(cat_fields.GoodWith), "With dogs; as it is written of her."),
    choice("altered", get_args(cat_fields.YesNo), "Whether she is spayed or he is neutered."),
    boolean("bonded", "Whether there are cats who must stay together with her."),
    query_params.text(
        "name", 64, "What her name begins with, in any case.", lambda text: names.normalise(text).casefold()
    ),
    choice(
        "sort",
        ("name", "newest", "age"),
        "The order; age is youngest first. Default: name, for ageGroup alone age.",
    ),
    FIELDS,
    LIMIT,
    CURSOR,
)


class CatList(CollectionResource):
    """The cats."""

    path, tag, service = "/cats", "Cats", CATS

    operations: ClassVar = {
        "get": Operation(
            "List cats",
            role="public",
            query=LIST,
            answers={200: ListOf(PublicCat | StaffCat)},
            description=(
                "The public sees residents, and cats that are available, reserved or on trial.\n"
                "\n"
                "A page may come back short, and even empty, with a ``next``: a rare filter reads at most ten "
                "times the limit."
            ),
        ),
        "post": Operation(
            "Take in a cat",
            role="staff",
            body=NewCat,
            accepts=(JSON, FORM),
            answers={201: StaffCat},
            refuses=(409,),
            description="Her name has to be free. With an Idempotency-Key it is safe to send this again.",
        ),
    }


class CatItem(ItemResource):
    """One cat."""

    path, tag, service = "/cats/{name}", "Cats", CATS

    operations: ClassVar = {
        "get": Operation(
            "Read one cat",
            role="public",
            query=QueryParameters(FIELDS),
            answers={200: PublicCat | StaffCat},
            description=(
                "The staff also sees her notes and her ``blockers``: why she is not up for adoption, and what clears "
                "each."
            ),
        ),
        "put": Operation(
            "Create or replace a cat",
            role="staff",
            body=CatBody,
            accepts=(JSON, FORM),
            answers={200: StaffCat, 201: StaffCat},
            description="Every member that is not sent gets its default. Bonds are kept the same on both sides.",
        ),
        "patch": Operation(
            "Change some of her",
            role="staff",
            body=CatBody,
            accepts=(MERGE_PATCH,),
            answers={200: StaffCat, 201: StaffCat},
            description="A merge patch: null gives a member its default, arrays are replaced. Needs If-Match.",
        ),
        "delete": Operation(
            "Delete a cat",
            role="staff",
            answers={204: None},
            description="Her bonds end; her history stays readable.",
        ),
    }
