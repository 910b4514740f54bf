"""The service of cats: visibility, indexes of the list, bonds, microchips and care cards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.domain import bonds, cats, names
from api.domain.cat_filters import FILTERS, build_filter
from api.domain.cat_views import PublicCat, StaffCat, public_view, staff_view
from api.domain.cats import Cat, CreateCat, ReplaceCat
from api.domain.entity import Action, WriteContext
from api.domain.errors import FieldError
from api.services import chip_claims
from api.services.care_cards import card_write
from api.services.chip_claims import Claims, claim_writes, load_claims
from api.services.entity_service import Effects, EntityService, Predicate
from api.services.mappings import CAT, PUBLIC_CHANGES, STAFF_CHANGES
from api.store import keys
from api.store.keys import LAST, KeyRange
from api.store.repository import Stored

ORDERS = {
    "name": ("by_name", False),
    "-name": ("by_name", True),
    "created": ("by_time", False),
    "-created": ("by_time", True),
    "newest": ("by_time", True),
    "birthDate": ("by_date", False),
    "-birthDate": ("by_date", True),
    "age": ("by_date", True),
}
"""The sort key of each order, and whether it is descending."""
MAX_PARTITIONS = 3
"""The most partitions that a page merges. With a limit of one, it reads three items of each and at most ten."""


class Related(Struct, frozen=True):
    """What a change of a cat may affect."""

    partners: Mapping[str, Stored[Cat]]
    """The partners of its bonds, by name."""
    claims: Claims
    taken: frozenset[str]
    """The numbers of the microchips of other cats."""


def load_related(context: Context, before: Cat | None, body: CreateCat | ReplaceCat | None) -> Related:
    """Return the partners of the bonds and the claims of the microchips that a change may affect."""
    table, affected = context.dependencies.table, sorted(bonds.affected_partners(before, body))
    partners = {name: record for name in affected if (record := CAT.get(table, name, consistent=True))}
    return Related(partners, *load_claims(table, before, body))


def validate(
    context: Context, key: str | None, before: Cat | None, body: CreateCat | ReplaceCat, related: Related
) -> list[FieldError]:
    """Return the errors of a cat, of its bonds and of its microchips."""
    name = key or (names.normalise(body.name) if isinstance(body.name, str) else "")
    known = {name: record.value for name, record in related.partners.items()}
    return [
        *cats.validate(body, context.now, context.dependencies.settings.zone),
        *bonds.validate(name, before, body, known),
        *chip_claims.validate(before, body, related.claims, related.taken),
    ]


def update_related(
    context: Context, before: Cat | None, after: Cat | None, related: Related, write: WriteContext
) -> Effects[Cat]:
    """Return the cat with both sides of its bonds updated, and the writes of its care card and of its chips."""
    partners, claims, taken = related.partners, related.claims, related.taken
    known = {name: record.value for name, record in partners.items()}
    stored, changed = bonds.sync_bonds(before, after, known, write.at)
    if stored:
        numbers = {chip.number for chip in stored.microchips}
        stored = replace(stored, chips_claimed=bool(numbers) and not numbers & taken)
    others: list[tuple[Stored[Cat] | None, Cat, Action]] = [(partners[cat.name], cat, "bonded") for cat in changed]
    writes = card_write(context.dependencies, before, stored, write.id)
    writes += claim_writes(before, stored, claims, taken, write.id)
    return Effects(stored, others, writes, "Adoptions" if cats.is_adoption(before, stored) else None)


def present(context: Context, entities: Sequence[Cat]) -> list[PublicCat | StaffCat]:
    """Return the views of cats for the staff or for the public."""
    if context.full_access:
        return [staff_view(cat, context.today, context.root) for cat in entities]
    return [public_view(cat, context.today, context.root) for cat in entities]


def list_query(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[KeyRange], Predicate[Cat]]:
    """Return the key ranges in the index that covers most of the filters, and a predicate for the other filters."""
    today = context.today
    wanted = {name: args[name] for name in FILTERS if args[name] is not None}
    if not context.full_access and "status" in wanted:
        wanted["status"] = tuple(status for status in wanted["status"] if status in cats.PUBLIC_STATUSES)
        if not wanted["status"]:
            return [], None
    order, reverse = ORDERS[args["sort"] or ("-birthDate" if wanted.keys() == {"ageGroup"} else "name")]
    audiences = ("public", "hidden") if context.full_access else ("public",)
    index, partitions = _choose_index(wanted, order, audiences)
    low, high = _key_bounds(wanted, order, today)
    spans = [KeyRange(f"{index}-{order}", partition, low, high, reverse=reverse) for partition in partitions]
    return spans, build_filter(wanted, context.full_access, today)


def _choose_index(wanted: dict[str, Any], order: str, audiences: Sequence[str]) -> tuple[str, list[str]]:
    """Return the index and its partitions. Remove the filter that the index covers from ``wanted``."""
    by_status = [f"cats#{status}" for status in wanted.get("status", ())]
    by_children = [
        f"cats#{audience}#{value}" for audience in audiences for value in wanted.get("goodWith.children", ())
    ]
    for name, index, partitions in (("status", "filter1", by_status), ("goodWith.children", "filter2", by_children)):
        if order != "by_date" and 0 < len(partitions) <= MAX_PARTITIONS:
            del wanted[name]
            return index, partitions
    return "list", [f"cats#{audience}" for audience in audiences]


def _key_bounds(wanted: dict[str, Any], order: str, today: date) -> tuple[str, str]:
    """Return the bounds of the sort key. Remove the filter that the bounds cover from ``wanted``."""
    if order == "by_name" and "name" in wanted:
        prefix = wanted.pop("name")
        return prefix or keys.FIRST, prefix + LAST
    if order == "by_date" and "ageGroup" in wanted:
        ranges = sorted(cats.birth_date_range(group, today) for group in wanted["ageGroup"])
        if all(before[1] + timedelta(days=1) == after[0] for before, after in pairwise(ranges)):
            del wanted["ageGroup"]
        return f"{ranges[0][0]}#", f"{ranges[-1][1]}#{LAST}"
    return keys.FIRST, LAST


CATS: EntityService[Cat, CreateCat, ReplaceCat, PublicCat | StaffCat, Related] = EntityService(
    repository=CAT,
    create_type=CreateCat,
    replace_type=ReplaceCat,
    has_public_view=True,
    is_visible=lambda _context, cat: cats.is_public(cat),
    load_related=load_related,
    validate=validate,
    create_entity=cats.create,
    update_entity=cats.update,
    to_body=cats.to_body,
    side_effects=update_related,
    present=present,
    change_lists=lambda context: (PUBLIC_CHANGES, STAFF_CHANGES) if context.full_access else (PUBLIC_CHANGES,),
    list_query=list_query,
)
