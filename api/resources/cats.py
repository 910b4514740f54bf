"""The herd: ``/cats`` and ``/cats/{name}``."""

from __future__ import annotations

from typing import get_args

from flask import Response

from api.domain import cat_parts, cats, names
from api.domain.cat_views import PublicCat, StaffCat
from api.domain.cats import CatBody, NewCat
from api.http import queries
from api.http.bodies import FORM, JSON, MERGE_PATCH
from api.http.pages import CURSOR, LIMIT
from api.http.queries import Query, choice, flag, several
from api.http.resource import Call, operation
from api.http.schemas import ListOf
from api.resources.herd import CATS
from api.resources.things import Thing, ThingList

FIELDS = several("fields", StaffCat.__struct_encode_fields__, "The members to answer with; all by default.")
LIST = Query(
    choice("status", get_args(cats.Status), "Where she stands."),
    choice("sex", get_args(cat_parts.Sex), "Her sex."),
    choice("ageGroup", get_args(cats.AgeGroup), "Baby under 1 year, young under 3, adult under 8, senior."),
    queries.text("breed", 64, "Her primary or secondary breed, in any case."),
    choice("goodWith.children", get_args(cat_parts.GoodWithChildren), "With children; as it is written of her."),
    choice("goodWith.cats", get_args(cat_parts.GoodWith), "With cats; as it is written of her."),
    choice("goodWith.dogs", get_args(cat_parts.GoodWith), "With dogs; as it is written of her."),
    choice("altered", get_args(cat_parts.YesNo), "Whether she is spayed or he is neutered."),
    flag("bonded", "Whether there are cats who must stay together with her."),
    queries.text("name", 64, "What her name begins with, in any case.", lambda text: names.normalise(text).casefold()),
    choice(
        "sort",
        ("name", "newest", "age"),
        "The order; age is youngest first. Default: name, for ageGroup alone age.",
    ),
    FIELDS,
    LIMIT,
    CURSOR,
)


class CatList(ThingList):
    """The herd."""

    path, tag, noun = "/cats", "Cats", CATS

    @operation("List the herd", role="public", query=LIST, answers={200: ListOf(PublicCat | StaffCat)})
    def get(self, call: Call) -> Response:
        """The public sees residents, and cats that are available, reserved or on trial.

        A page may come back short, and even empty, with a ``next``: a rare filter reads at most ten times the limit.
        """
        return self.list(call)

    @operation(
        "Take in a cat",
        role="staff",
        body=NewCat,
        accepts=(JSON, FORM),
        answers={201: StaffCat},
        refuses=(409,),
    )
    def post(self, call: Call) -> Response:
        """Her name has to be free. With an Idempotency-Key it is safe to send this again."""
        return self.add(call)


class CatItem(Thing):
    """One cat."""

    path, tag, noun = "/cats/{name}", "Cats", CATS

    @operation("Read one cat", role="public", query=Query(FIELDS), answers={200: PublicCat | StaffCat})
    def get(self, call: Call, name: str) -> Response:
        """The staff also sees her notes and her ``blockers``: why she is not up for adoption, and what clears each."""
        return self.read(call, name)

    @operation(
        "Create or replace a cat",
        role="staff",
        body=CatBody,
        accepts=(JSON, FORM),
        answers={200: StaffCat, 201: StaffCat},
    )
    def put(self, call: Call, name: str) -> Response:
        """Every member that is not sent gets its default. Bonds are kept the same on both sides."""
        return self.replace(call, name)

    @operation(
        "Change some of her",
        role="staff",
        body=CatBody,
        accepts=(MERGE_PATCH,),
        answers={200: StaffCat, 201: StaffCat},
    )
    def patch(self, call: Call, name: str) -> Response:
        """A merge patch: null gives a member its default, arrays are replaced. Needs If-Match."""
        return self.patch_members(call, name)

    @operation("Delete a cat", role="staff", answers={204: None})
    def delete(self, call: Call, name: str) -> Response:
        """Her bonds end; her history stays readable."""
        return self.remove(call, name)
