"""The menu: ``/pies`` and ``/pies/{pie}``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Response

from api.domain import names, pies
from api.domain.pies import FILTERS, NewPie, Pie, PieBody, PieView
from api.http.answers import TEXT
from api.http.auth import Caller
from api.http.bodies import FORM, JSON, MERGE_PATCH
from api.http.pages import CURSOR, LIMIT
from api.http.queries import Query, choice, flag, integer, several
from api.http.resource import Call, operation
from api.http.schemas import ListOf
from api.resources.noun import Matches, Noun
from api.resources.things import Thing, ThingList
from api.store import keys
from api.store.keys import Span
from api.store.records import Kind

KIND: Kind[Pie] = Kind(
    "pies",
    Pie,
    key=lambda pie: pie.name,
    places=lambda pie: {
        "shelf": "pies",
        "by_name": names.order(pie.name),
        "by_time": f"{keys.instant(pie.created)}#{pie.name}",
    },
)


class Pies(Noun):
    """The pies. Everybody sees all of them."""

    kind, rules, new, body = KIND, pies, NewPie, PieBody

    def key_fault(self, key: str) -> str | None:
        """A pie's name may have an '&'."""
        return pies.fault(key)

    def view(self, thing: Pie, sees_all: bool, now: datetime) -> PieView:
        """Everybody sees the same."""
        return pies.view(thing, now)

    def listing(self, args: Mapping[str, Any], caller: Caller, now: datetime) -> tuple[Sequence[Span], Matches]:
        """The menu is in the order in which it was written."""
        wanted = {name: args[name] for name in FILTERS if args.get(name) is not None}
        by_name = args.get("sort") == "name"
        return [Span("shelf-by_name" if by_name else "shelf-by_time", "pies")], pies.matcher(wanted, now)

    def line(self, thing: Pie) -> str:
        """Return a pie as a line."""
        return f"Pie: {thing.name}"

    def word(self, thing: Pie) -> str:
        """Return its name."""
        return thing.name


PIES = Pies()
NAME = {
    "type": "string",
    "minLength": 1,
    "maxLength": names.LONGEST,
    "pattern": r"^[^\u0000-\u001f!-%(-,/:-@\[-`{-\u007f]+$",
    "description": "The key: Unicode letters, digits, space, '&', '.', '-' and apostrophe; NFC, trimmed.",
}
FIELDS = several("fields", PieView.__struct_encode_fields__, "The members to answer with; all by default.")
LIST = Query(
    several("diet", pies.DIETS, "What it has to be; all of them."),
    several("withoutAllergen", pies.ALLERGENS, "What must not be in it. A pie that declares nothing is left out."),
    integer("maxRate", 0, 1_000_000_000, None, "What it may cost at the most, in the currency's minor unit (pence)."),
    flag("available", "Whether it is to be had now."),
    choice("sort", ("menu", "name"), "The order; as the menu was written, if it is not said."),
    FIELDS,
    LIMIT,
    CURSOR,
)


class PieList(ThingList):
    """The menu."""

    path, tag, noun = "/pies", "Pies", PIES

    @operation("Read the menu", role="public", query=LIST, produces=(JSON, TEXT), answers={200: ListOf(PieView)})
    def get(self, call: Call) -> Response:
        """As plain text: the names, with commas between them."""
        return self.list(call)

    @operation(
        "Put a pie on the menu", role="staff", body=NewPie, accepts=(JSON, FORM), answers={201: PieView}, refuses=(409,)
    )
    def post(self, call: Call) -> Response:
        """Its name has to be free; it is the public name too, if no other one is given."""
        return self.add(call)


class PieItem(Thing):
    """One pie."""

    path, tag, noun, keys = "/pies/{pie}", "Pies", PIES, {"pie": NAME}

    @operation("Read one pie", role="public", query=Query(FIELDS), produces=(JSON, TEXT), answers={200: PieView})
    def get(self, call: Call, pie: str) -> Response:
        """With its allergens: null means that nobody has declared them."""
        return self.read(call, pie)

    @operation(
        "Create or replace a pie",
        role="staff",
        body=PieBody,
        accepts=(JSON, FORM),
        answers={200: PieView, 201: PieView},
    )
    def put(self, call: Call, pie: str) -> Response:
        """Every member that is not sent gets its default."""
        return self.replace(call, pie)

    @operation(
        "Change some of it", role="staff", body=PieBody, accepts=(MERGE_PATCH,), answers={200: PieView, 201: PieView}
    )
    def patch(self, call: Call, pie: str) -> Response:
        """A merge patch: null gives a member its default, arrays are replaced. Needs If-Match."""
        return self.patch_members(call, pie)

    @operation("Take a pie off the menu", role="staff", answers={204: None})
    def delete(self, call: Call, pie: str) -> Response:
        """To say that it is sold out, set ``soldOutUntil`` instead."""
        return self.remove(call, pie)
