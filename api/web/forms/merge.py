"""The merge of two changes of an entity: what a user sent, and what somebody else saved while the form was open.

A form sends a fingerprint of each field as the form showed it. So the server sees which fields each of the two has
changed, also of an entity without a history.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Literal

from msgspec import Struct

from api.web.forms.fields import Field, Texts, sent_texts

Choice = Literal["mine", "theirs"]


class Merge(Struct, frozen=True):
    """The result of a merge."""

    texts: dict[str, Sequence[str]]
    """The texts of the form: those that the user changed, and the current ones."""
    taken: tuple[str, ...]
    """The fields that only the other one changed."""
    choices: dict[str, Choice]
    """The fields that both changed, with the choice that is preselected."""


def fingerprint(fields: Iterable[Field], texts: Texts) -> str:
    """Return the fingerprints of the texts of fields: ``name=1f0c… rate=…``."""
    return " ".join(f"{field.name}={_digest(sent_texts(field, texts) or [])}" for field in fields)


def merge(
    fields: Sequence[Field], mine: Texts, theirs: Texts, base: str, choices: Mapping[str, Choice] | None = None
) -> Merge:
    """Merge two changes.

    Args:
        fields: the fields of the form.
        mine: what the user sent.
        theirs: the texts of the current version.
        base: the fingerprints of the version that the form showed. Without one, a field counts as changed by both.
        choices: what the user chose in an earlier merge.
    """
    shown, merged = dict(part.split("=", 1) for part in base.split(" ") if "=" in part), dict[str, Sequence[str]]()
    taken, both = [], dict[str, Choice]()
    for field in fields:
        own, current = sent_texts(field, mine), sent_texts(field, theirs) or []
        merged[field.name] = current
        if own is None or own == current or (choices or {}).get(field.name) == "theirs":
            continue
        if _digest(own) == shown.get(field.name):
            taken.append(field.name)
            continue
        merged[field.name] = own
        if _digest(current) != shown.get(field.name):
            both[field.name] = "mine"
    return Merge(merged, tuple(taken), both)


def _digest(texts: Sequence[str]) -> str:
    return blake2b("\0".join(texts).encode(), digest_size=4).hexdigest()
