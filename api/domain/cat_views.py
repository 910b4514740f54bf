"""How a cat looks to the public and to the staff on a given day."""

from __future__ import annotations

from datetime import date

from api.domain.adoption_blockers import Blocker, blockers
from api.domain.cat_fields import LongText
from api.domain.cats import AgeGroup, Cat, CatFields, age_group
from api.domain.entity import Timestamp


class PublicCat(CatFields, frozen=True, kw_only=True):
    """A cat as the public sees her."""

    age_group: AgeGroup | None
    """Derived from ``birthDate``: baby under 1 year, young under 3, adult under 8, senior."""
    created: Timestamp
    updated: Timestamp
    version: int


class StaffCat(PublicCat, frozen=True, kw_only=True):
    """A cat as the staff sees her: with notes, and with why she is not up for adoption."""

    staff_notes: LongText | None
    hold_until: date | None
    blockers: tuple[Blocker, ...]


_KEPT = tuple(f for f in StaffCat.__struct_fields__ if f in Cat.__struct_fields__)
_PUBLIC = tuple(f for f in PublicCat.__struct_fields__ if f in Cat.__struct_fields__)


def public_view(cat: Cat, today: date) -> PublicCat:
    """Return what the public may read of her; a bond to a cat that is not public is not told."""
    shown = {field: getattr(cat, field) for field in _PUBLIC}
    if cat.hidden_bonds:
        shown["bonded_with"] = tuple(name for name in cat.bonded_with if name not in cat.hidden_bonds)
    return PublicCat(**shown, age_group=age_group(cat.birth_date, today))


def staff_view(cat: Cat, today: date) -> StaffCat:
    """Return what the staff reads of her."""
    shown = {field: getattr(cat, field) for field in _KEPT}
    return StaffCat(**shown, age_group=age_group(cat.birth_date, today), blockers=blockers(cat, today))
