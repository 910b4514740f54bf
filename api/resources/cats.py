"""The herd: ``/cats`` and ``/cats/{name}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, get_args

from flask import Response

from api.domain import bonds, cat_parts, cats, names
from api.domain.cat_filters import FILTERS, matcher
from api.domain.cat_views import PublicCat, StaffCat, public_view, staff_view
from api.domain.cats import Cat, CatBody, NewCat
from api.http import queries
from api.http.auth import Caller
from api.http.bodies import FORM, JSON, MERGE_PATCH
from api.http.pages import CURSOR, LIMIT
from api.http.queries import Query, choice, flag, several
from api.http.resource import Call, operation
from api.http.schemas import ListOf
from api.resources.noun import Load, Matches, Noun
from api.resources.things import Thing, ThingList
from api.store import keys
from api.store.keys import LAST, Span
from api.store.records import Kind, Record

NO_BIRTH_DATE = "0000-00-00"
"""Sorts behind every birth date when the youngest come first."""


def _shelf(cat: Cat) -> str:
    return "public" if cats.is_public(cat) else "hidden"


def _places(cat: Cat) -> Mapping[str, str]:
    return {
        "shelf": f"cats#{_shelf(cat)}",
        "facet1": f"cats#{cat.status}",
        "facet2": f"cats#{_shelf(cat)}#{cat.good_with.children}",
        "by_name": names.order(cat.name),
        "by_time": f"{keys.instant(cat.created)}#{cat.name}",
        "by_date": f"{cat.birth_date or NO_BIRTH_DATE}#{cat.name}",
    }


KIND: Kind[Cat] = Kind("cats", Cat, key=lambda cat: cat.name, places=_places)


def _listing(args: Mapping[str, Any], sees_all: bool, today: date) -> tuple[Sequence[Span], Matches]:
    """Choose the index in which most of the filters are a place and not a search."""
    wanted = {name: args[name] for name in FILTERS if args[name] is not None}
    sort = args["sort"] or ("age" if wanted.keys() == {"ageGroup"} else "name")
    order = {"name": "by_name", "newest": "by_time", "age": "by_date"}[sort]
    shelves = ("public", "hidden") if sees_all else ("public",)
    status, children = wanted.get("status"), wanted.get("goodWith.children")
    if status and not sees_all and status not in cats.PUBLIC_STATUSES:
        return [], None
    if status and sort != "age":
        del wanted["status"]
        index, partitions = "facet1", [f"cats#{status}"]
    elif children and sort != "age":
        del wanted["goodWith.children"]
        index, partitions = "facet2", [f"cats#{shelf}#{children}" for shelf in shelves]
    else:
        index, partitions = "shelf", [f"cats#{shelf}" for shelf in shelves]
    low, high = _bounds(wanted, sort, today)
    spans = [Span(f"{index}-{order}", partition, low, high, reverse=sort != "name") for partition in partitions]
    return spans, matcher(wanted, sees_all, today)


def _bounds(wanted: dict[str, Any], sort: str, today: date) -> tuple[str, str]:
    """Take out of the filters the one that is a run of neighbours in this order, and return its bounds."""
    if sort == "name" and "name" in wanted:
        prefix = wanted.pop("name")
        return prefix or keys.FIRST, prefix + LAST
    if sort == "age" and "ageGroup" in wanted:
        first, last = cats.born_between(wanted.pop("ageGroup"), today)
        return f"{first}#", f"{last}#{LAST}"
    return keys.FIRST, LAST


def _follow(
    before: Cat | None, after: Cat | None, load: Load, now: datetime
) -> tuple[Cat | None, list[tuple[Record[Cat], Cat]]]:
    concerned = bonds.concerned(before, after)
    partners = {name: found for name in sorted(concerned) if (found := load(name))}
    tied, changed = bonds.tie(before, after, {name: record.value for name, record in partners.items()}, now)
    return tied, [(partners[cat.name], cat) for cat in changed]


def sees_all(caller: Caller) -> bool:
    """Say whether a caller sees every cat, and all of her."""
    return caller.may("staff")


NOUN = Noun(
    kind=KIND,
    member="name",
    new=NewCat,
    body=CatBody,
    sees_all=sees_all,
    visible=cats.is_public,
    view=lambda cat, all_of_her, today: (staff_view if all_of_her else public_view)(cat, today),
    writable=cats.writable,
    faults=cats.faults,
    create=cats.create,
    revise=cats.revise,
    follow=_follow,
    listing=_listing,
)

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

    path, tag, noun = "/cats", "Cats", NOUN

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

    path, tag, noun = "/cats/{name}", "Cats", NOUN

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
