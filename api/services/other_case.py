"""Names in another case: people type "Milo" or "MILO", and the key is "milo". The API itself is case-sensitive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from api.context import Context
from api.domain import names
from api.services.mappings import CAT, PIE
from api.store.keys import LAST, KeyRange
from api.store.repository import Repository

REPOSITORIES: Mapping[str, Repository[Any]] = {"cats": CAT, "pies": PIE}
"""The entities whose key is a name that keeps its case."""
PARTITIONS: Mapping[str, Sequence[str]] = {"cats": ("cats#public", "cats#hidden"), "pies": ("pies",)}
"""The partitions of each list. Only the staff sees those after the first one."""
MAX_SUGGESTIONS = 100
"""The most names of cats that a form suggests."""
MAX_SPELLINGS = 3
"""The most spellings of a name that are found."""
MAX_NAMES = 20
"""The most names of a form that are looked up."""


def find_spellings(context: Context, collection: str, name: str) -> list[str]:
    """Return the keys that equal a name in any case, of the entities that the caller may see.

    It is one query, or two for the staff, because the list of cats has two partitions.
    """
    key = names.normalise(name)
    if not key or len(key) > names.MAX_LENGTH:
        return []
    low = f"{key.casefold()}\x00"
    spans = [KeyRange("list-by_name", partition, low, low + LAST) for partition in _partitions(context, collection)]
    repository = REPOSITORIES[collection]
    page = repository.page(context.dependencies.table, spans, None, MAX_SPELLINGS, None, looks_ahead=False)
    return [repository.key(entity) for entity in page.items]


def _partitions(context: Context, collection: str) -> Sequence[str]:
    """Return the partitions of a list that the caller may see."""
    return PARTITIONS[collection] if context.full_access else PARTITIONS[collection][:1]


def suggest_cats(context: Context) -> list[str]:
    """Return the first names in the list of cats, for the suggestions of a form. It reads one page of the list."""
    spans = [KeyRange("list-by_name", partition) for partition in _partitions(context, "cats")]
    page = CAT.page(context.dependencies.table, spans, None, MAX_SUGGESTIONS, None, looks_ahead=False)
    return [cat.name for cat in page.items]


def resolve_cats(context: Context, typed: Iterable[str]) -> dict[str, Sequence[str]]:
    """Return the spellings of each name: the name itself if a cat has it, else those in another case, if any.

    Names after the first ``MAX_NAMES`` have no entry.
    """
    wanted = {text: names.normalise(text) for text in [*dict.fromkeys(typed)][:MAX_NAMES]}
    valid = [name for name in wanted.values() if not names.name_error(name)]
    exact = CAT.get_many(context.dependencies.table, valid, consistent=False) if valid else {}
    return {
        text: [name] if name in exact else find_spellings(context, "cats", name) if name in valid else []
        for text, name in wanted.items()
    }
