"""Bonds between cats, kept the same on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from api.domain import names
from api.domain.cats import Cat, CatFields, is_public
from api.domain.entity import next_version
from api.domain.errors import FieldError

MOST = 10


def affected_partners(before: Cat | None, after: CatFields | None) -> frozenset[str]:
    """Return the names of the cats whose side of a bond a change may touch.

    Those are the bonds that begin or end; and all of them when the public begins or ceases to see her,
    because each side of a bond knows whether the public may read the name of the other.
    """
    old = frozenset(before.bonded_with) if before else frozenset()
    new = frozenset(map(names.normalise, after.bonded_with)) if after else frozenset()
    seen = before is not None and after is not None and is_public(before) == is_public(after)
    return old ^ new if seen else old | new


def sync_bonds(
    before: Cat | None, after: Cat | None, partners: Mapping[str, Cat], now: datetime
) -> tuple[Cat | None, list[Cat]]:
    """Return her next version and those of her partners, with every bond the same on both sides.

    Args:
        before: the cat as she is, None if she is new.
        after: the cat as she is to be, None if she goes.
        partners: the cats that ``concerned`` named, as far as they exist.
        now: the instant of the change.
    """
    if after is None:
        return None, _sides(before.name, (), False, partners, now) if before else []
    hidden = {name for name in after.bonded_with if name in after.hidden_bonds and name not in partners}
    hidden |= {name for name, partner in partners.items() if not is_public(partner)}
    tied = replace(after, hidden_bonds=tuple(name for name in after.bonded_with if name in hidden))
    return tied, _sides(after.name, after.bonded_with, not is_public(after), partners, now)


def validate(name: str, before: Cat | None, body: CatFields, partners: Mapping[str, Cat]) -> list[FieldError]:
    """Return each bond to a cat that is not there, to herself, or to one who has too many."""
    found, concern = [], affected_partners(before, body)
    for place, bond in enumerate(map(names.normalise, body.bonded_with)):
        pointer = f"/bondedWith/{place}"
        if names.name_error(bond):
            continue  # said already, and no key to look for
        if bond == name:
            found.append(FieldError("A cat has no bond with herself.", pointer=pointer))
        elif bond in concern and bond not in partners:
            found.append(FieldError(f"There is no cat named {bond}.", pointer=pointer))
        elif bond in concern and len({*partners[bond].bonded_with, name}) > MOST:
            found.append(FieldError(f"{bond} has {MOST} bonds already.", pointer=pointer))
    return found


def _sides(name: str, bonded: tuple[str, ...], hidden: bool, partners: Mapping[str, Cat], now: datetime) -> list[Cat]:
    """Return the partners whose side of the bond with ``name`` changes, changed."""
    changed = []
    for partner in partners.values():
        bonds = _with(partner.bonded_with, name, partner.name in bonded)
        veiled = _with(partner.hidden_bonds, name, hidden and partner.name in bonded)
        if (bonds, veiled) != (partner.bonded_with, partner.hidden_bonds):
            changed.append(replace(partner, bonded_with=bonds, hidden_bonds=veiled, **next_version(partner, now)))
    return changed


def _with(names: tuple[str, ...], name: str, present: bool) -> tuple[str, ...]:
    if (name in names) == present:
        return names
    return (*names, name) if present else tuple(other for other in names if other != name)
