"""Bonds between cats. Both cats of a bond always name each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from api.domain import names
from api.domain.cat_views import with_public_version
from api.domain.cats import Cat, CatFields, is_public
from api.domain.entity import next_version
from api.domain.errors import FieldError

MAX_BONDS = 10


def affected_partners(before: Cat | None, after: CatFields | None) -> frozenset[str]:
    """Return the names of the cats that a change of a cat may also change.

    These are the partners in bonds that begin or end. If the visibility of the cat changes, these are all of its
    partners, because each of them stores whether the public may see the bond.
    """
    old = frozenset(before.bonded_with) if before else frozenset()
    new = frozenset(map(names.normalise, after.bonded_with)) if after else frozenset()
    same_visibility = before is not None and after is not None and is_public(before) == is_public(after)
    return old ^ new if same_visibility else old | new


def sync_bonds(
    before: Cat | None, after: Cat | None, partners: Mapping[str, Cat], now: datetime
) -> tuple[Cat | None, list[Cat]]:
    """Return the next versions of a cat and of its partners, so that both sides of every bond agree.

    Args:
        before: the stored cat; None if it is created.
        after: the cat to store; None if it is deleted.
        partners: the existing cats out of those that ``affected_partners`` returned, by name.
        now: the time of the change.
    """
    if after is None:
        return None, _changed_partners(before.name, (), False, partners, now) if before else []
    hidden = {name for name in after.bonded_with if name in after.hidden_bonds and name not in partners}
    hidden |= {name for name, partner in partners.items() if not is_public(partner)}
    cat = replace(after, hidden_bonds=tuple(name for name in after.bonded_with if name in hidden))
    return with_public_version(before, cat), _changed_partners(
        after.name, after.bonded_with, not is_public(after), partners, now
    )


def validate(name: str, before: Cat | None, body: CatFields, partners: Mapping[str, Cat]) -> list[FieldError]:
    """Return an error for each bond to a missing cat, to the cat itself, or to a cat with too many bonds."""
    errors, affected = [], affected_partners(before, body)
    for index, bond in enumerate(map(names.normalise, body.bonded_with)):
        pointer = f"/bondedWith/{index}"
        if names.name_error(bond):
            continue  # cats.validate returns this error
        if bond == name:
            errors.append(FieldError("circular", "A cat cannot have a bond with itself.", pointer=pointer))
        elif bond in affected and bond not in partners:
            errors.append(FieldError("not_found", f"There is no cat named {bond}.", pointer=pointer))
        elif bond in affected and len({*partners[bond].bonded_with, name}) > MAX_BONDS:
            errors.append(FieldError("too_many", f"{bond} already has {MAX_BONDS} bonds.", pointer=pointer))
    return errors


def _changed_partners(
    name: str, bonded: tuple[str, ...], hidden: bool, partners: Mapping[str, Cat], now: datetime
) -> list[Cat]:
    """Return the next versions of the partners whose bond with the cat ``name`` changes."""
    changed = []
    for partner in partners.values():
        bonds = _with(partner.bonded_with, name, partner.name in bonded)
        hidden_bonds = _with(partner.hidden_bonds, name, hidden and partner.name in bonded)
        if (bonds, hidden_bonds) != (partner.bonded_with, partner.hidden_bonds):
            version = next_version(partner, now)
            after = replace(partner, bonded_with=bonds, hidden_bonds=hidden_bonds, **version)
            changed.append(with_public_version(partner, after))
    return changed


def _with(names: tuple[str, ...], name: str, present: bool) -> tuple[str, ...]:
    if (name in names) == present:
        return names
    return (*names, name) if present else tuple(other for other in names if other != name)
