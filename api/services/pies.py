"""The service of pies. All callers see all pies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.context import Context
from api.domain import pies
from api.domain.pies import FILTERS, CreatePie, Pie, PieView, ReplacePie
from api.services.entity_service import EntityService, Predicate
from api.services.mappings import PIE, PUBLIC_CHANGES
from api.store.keys import KeyRange


def list_query(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[KeyRange], Predicate[Pie]]:
    """Return the menu in the order of creation or by name, ascending or descending."""
    wanted = {name: args[name] for name in FILTERS if args.get(name) is not None}
    sort = args.get("sort") or "created"
    index = "list-by_name" if sort.endswith("name") else "list-by_time"
    return [KeyRange(index, "pies", reverse=sort.startswith("-"))], pies.build_filter(wanted, context.now)


PIES: EntityService[Pie, CreatePie, ReplacePie, PieView, None] = EntityService(
    repository=PIE,
    create_type=CreatePie,
    replace_type=ReplacePie,
    key_error=pies.name_error,
    validate=lambda _context, _key, _before, body, _related: pies.validate(body),
    create_entity=pies.create,
    update_entity=pies.update,
    to_body=pies.to_body,
    present=lambda context, entities: [pies.to_view(pie, context.now, context.root) for pie in entities],
    change_lists=lambda _context: (PUBLIC_CHANGES,),
    list_query=list_query,
)
