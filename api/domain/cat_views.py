"""The views of a cat for the public and for the staff."""

from __future__ import annotations

from datetime import date

from api.domain.adoption_blockers import Blocker, blockers
from api.domain.cat_fields import LongText
from api.domain.cats import AgeGroup, Cat, CatFields, age_group
from api.domain.entity import Timestamp


class PublicCat(CatFields, frozen=True, kw_only=True):
    """A cat as the public sees it."""

    age_group: AgeGroup | None
    """Derived from ``birthDate``: baby under 1 year, young under 3, adult under 8, senior from 8 years."""
    created: Timestamp
    updated: Timestamp
    version: int


class StaffCat(PublicCat, frozen=True, kw_only=True):
    """A cat as the staff sees it: with notes and adoption blockers."""

    staff_notes: LongText | None
    hold_until: date | None
    blockers: tuple[Blocker, ...]
    """The reasons why the cat cannot be adopted now."""


_STAFF_FIELDS = tuple(f for f in StaffCat.__struct_fields__ if f in Cat.__struct_fields__)
_PUBLIC_FIELDS = tuple(f for f in PublicCat.__struct_fields__ if f in Cat.__struct_fields__)


def public_view(cat: Cat, today: date) -> PublicCat:
    """Return the view for the public, without bonds with cats that are not public."""
    fields = {field: getattr(cat, field) for field in _PUBLIC_FIELDS}
    if cat.hidden_bonds:
        fields["bonded_with"] = tuple(name for name in cat.bonded_with if name not in cat.hidden_bonds)
    return PublicCat(**fields, age_group=age_group(cat.birth_date, today))


def staff_view(cat: Cat, today: date) -> StaffCat:
    """Return the view for the staff."""
    fields = {field: getattr(cat, field) for field in _STAFF_FIELDS}
    return StaffCat(**fields, age_group=age_group(cat.birth_date, today), blockers=blockers(cat, today))
