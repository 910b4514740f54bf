"""The menu: ``/pies`` and ``/pies/{pie}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from api.domain import names, pies
from api.domain.pies import NewPie, Pie, PieBody, PieView
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters, boolean, choice, csv, integer
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation
from api.http.responses import TEXT
from api.http.schemas import ListOf
from api.resources.crud import CollectionResource, ItemResource
from api.services.pies import PIES

NAME = {
    "type": "string",
    "minLength": 1,
    "maxLength": names.LONGEST,
    "pattern": r"^[^\u0000-\u001f!-%(-,/:-@\[-`{-\u007f]+$",
    "description": "The key: Unicode letters, digits, space, '&', '.', '-' and apostrophe; NFC, trimmed.",
}
FIELDS = csv("fields", PieView.__struct_encode_fields__, "The members to answer with; all by default.")
LIST = QueryParameters(
    csv("diet", pies.DIETS, "What it has to be; all of them."),
    csv("withoutAllergen", pies.ALLERGENS, "What must not be in it. A pie that declares nothing is left out."),
    integer("maxRate", 0, 1_000_000_000, None, "What it may cost at the most, in the currency's minor unit (pence)."),
    boolean("available", "Whether it is to be had now."),
    choice("sort", ("menu", "name"), "The order; as the menu was written, if it is not said."),
    FIELDS,
    LIMIT,
    CURSOR,
)


class PieList(CollectionResource):
    """The menu."""

    path, tag, service = "/pies", "Pies", PIES

    operations: ClassVar = {
        "get": Operation(
            "Read the menu",
            role="public",
            query=LIST,
            produces=(JSON, TEXT),
            answers={200: ListOf(PieView)},
            description="As plain text: the names, with commas between them.",
        ),
        "post": Operation(
            "Put a pie on the menu",
            role="staff",
            body=NewPie,
            accepts=(JSON, FORM),
            answers={201: PieView},
            refuses=(409,),
            description="Its name has to be free; it is the public name too, if no other one is given.",
        ),
    }

    def to_text(self, entities: Sequence[Pie]) -> str:
        """Return the names, with commas between them."""
        return ", ".join(pie.name for pie in entities)


class PieItem(ItemResource):
    """One pie."""

    path, tag, service, keys = "/pies/{pie}", "Pies", PIES, {"pie": NAME}

    operations: ClassVar = {
        "get": Operation(
            "Read one pie",
            role="public",
            query=QueryParameters(FIELDS),
            produces=(JSON, TEXT),
            answers={200: PieView},
            description="With its allergens: null means that nobody has declared them.",
        ),
        "put": Operation(
            "Create or replace a pie",
            role="staff",
            body=PieBody,
            accepts=(JSON, FORM),
            answers={200: PieView, 201: PieView},
            description="Every member that is not sent gets its default.",
        ),
        "patch": Operation(
            "Change some of it",
            role="staff",
            body=PieBody,
            accepts=(MERGE_PATCH,),
            answers={200: PieView, 201: PieView},
            description="A merge patch: null gives a member its default, arrays are replaced. Needs If-Match.",
        ),
        "delete": Operation(
            "Take a pie off the menu",
            role="staff",
            answers={204: None},
            description="To say that it is sold out, set ``soldOutUntil`` instead.",
        ),
    }

    def to_text(self, entity: Pie) -> str:
        """Return a pie as a line."""
        return f"Pie: {entity.name}"
