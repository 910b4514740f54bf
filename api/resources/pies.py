"""The menu: ``/pies`` and ``/pies/{pie}``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from api.domain import pies
from api.domain.pies import CreatePie, DeletedPie, Pie, PieView, ReplacePie
from api.http.pagination import CURSOR, LIMIT, UPDATED_SINCE
from api.http.query_params import QueryParameters, boolean, choice, csv, integer
from api.http.request_body import FORM, JSON, MERGE_PATCH
from api.http.resource import Operation
from api.http.responses import TEXT
from api.http.schemas import ListOf, name_schema
from api.resources.crud import CollectionResource, ItemResource, fields_parameter
from api.services.pies import PIES

FIELDS = fields_parameter(PieView)
LIST = QueryParameters(
    csv("diet", pies.DIETS, "Diets that the pie must meet."),
    csv(
        "withoutAllergen",
        pies.ALLERGENS,
        "Allergens that the pie must not contain. Undeclared pies are left out.",
    ),
    integer("maxRate", 0, 1_000_000_000, None, "The highest price, in the minor unit of the currency (pence)."),
    boolean("available", "Whether the pie is available now."),
    choice(
        "sort",
        ("created", "-created", "name", "-name", "menu"),
        "The order; a minus means descending. Default: created, the order of the menu. menu is its synonym.",
    ),
    FIELDS,
    LIMIT,
    CURSOR,
    UPDATED_SINCE,
)


class PieList(CollectionResource):
    """The menu."""

    path, tag, service = "/pies", "Pies", PIES
    tag_description = "The menu: prices, diets and allergens."

    operations: ClassVar = {
        "get": Operation(
            "List pies",
            id="listPies",
            role="public",
            has_page=True,
            query=LIST,
            produces=(JSON, TEXT),
            responses={200: ListOf(PieView, has_previous=True, deleted=DeletedPie)},
            description="As plain text: the names, separated by commas.",
        ),
        "post": Operation(
            "Create a pie",
            id="createPie",
            role="staff",
            body=CreatePie,
            accepts=(JSON, FORM),
            responses={201: PieView},
            error_statuses=(409,),
            description="The name must be new. It is also the public name, if no other is given.",
        ),
    }

    def to_text(self, entities: Sequence[Pie]) -> str:
        """Return the names, separated by commas."""
        return ", ".join(pie.name for pie in entities)


class PieItem(ItemResource):
    """A pie."""

    path, tag, service, keys = "/pies/{pie}", "Pies", PIES, {"pie": name_schema(ampersand=True)}

    operations: ClassVar = {
        "get": Operation(
            "Get a pie",
            id="getPie",
            role="public",
            has_page=True,
            query=QueryParameters(FIELDS),
            produces=(JSON, TEXT),
            responses={200: PieView},
            description="Allergens are null if they are not declared.",
        ),
        "put": Operation(
            "Create or replace a pie",
            id="replacePie",
            role="staff",
            body=ReplacePie,
            accepts=(JSON, FORM),
            responses={200: PieView, 201: PieView},
            description="A field that is not sent gets its default.",
        ),
        "patch": Operation(
            "Update a pie",
            id="updatePie",
            role="staff",
            body=ReplacePie,
            accepts=(MERGE_PATCH,),
            responses={200: PieView, 201: PieView},
            description="A merge patch: null gives a member its default, arrays are replaced. Needs If-Match.",
        ),
        "delete": Operation(
            "Delete a pie",
            id="deletePie",
            role="staff",
            responses={204: None},
            description="For a pie that is sold out, set ``soldOutUntil`` instead.",
        ),
    }

    def to_text(self, entity: Pie) -> str:
        """Return a pie as a line."""
        return f"Pie: {entity.name}"
