"""The views of a cat for the public and for the staff, and the version of the public view."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec.structs import replace

from api.domain.adoption_blockers import Blocker, blockers
from api.domain.cat_fields import LongText, Name, PublicLocation, PublicVaccination
from api.domain.cats import AgeGroup, Cat, CatFields, CreateCat, age_group, is_public
from api.domain.entity import ApiStruct, Timestamp, project
from api.domain.photos import PhotoView, entity_key, photo_views


class PublicCat(CatFields, frozen=True, kw_only=True):
    """A cat as the public sees it."""

    age_group: AgeGroup | None
    """Derived from ``birthDate``: baby under 1 year, young under 3, adult under 8, senior from 8 years."""
    photos: tuple[PhotoView, ...]
    """The photos, at most twenty. The first one is the card's."""
    created: Timestamp
    updated: Timestamp
    """When the public view changed, or the cat became visible to the public."""
    version: int
    """The number of the version of the public view."""


class StaffCat(CreateCat, frozen=True, kw_only=True):
    """A cat as the staff sees it. The public sees the members that are required."""

    age_group: AgeGroup | None
    """Derived from ``birthDate``: baby under 1 year, young under 3, adult under 8, senior from 8 years."""
    photos: tuple[PhotoView, ...]
    """The photos, at most twenty. The first one is the card's."""
    created: Timestamp
    updated: Timestamp
    version: int
    # They have a default in the bodies, and none here: a response always has them.
    staff_notes: LongText | None
    hold_until: date | None
    blockers: tuple[Blocker, ...]
    """The reasons why the cat cannot be adopted now."""


class DeletedCat(ApiStruct, frozen=True):
    """A cat that was deleted, or that the caller no longer sees."""

    name: Name
    updated: Timestamp
    """The time of the deletion, or since when the caller no longer sees the cat."""


_OWN_VERSION = ("version", "updated")
_PUBLIC_FIELDS = tuple(f for f in PublicCat.__struct_fields__ if f in Cat.__struct_fields__ and f not in _OWN_VERSION)


def public_view(cat: Cat, today: date, root: str = "") -> PublicCat:
    """Return the view for the public. It does not depend on what only the staff sees.

    Args:
        cat: the cat.
        today: the day in the time zone of the café.
        root: the path before the paths of the API.
    """
    return PublicCat(
        **_public_fields(cat)
        | {"photos": photo_views(cat.photos, entity_key("cats", cat.name), root) if cat.photos else ()},
        age_group=age_group(cat.birth_date, today),
        version=_public_version(cat),
        updated=cat.public_updated or cat.updated,
    )


def staff_view(cat: Cat, today: date, root: str = "") -> StaffCat:
    """Return the view for the staff. The arguments are those of ``public_view``."""
    group = age_group(cat.birth_date, today)
    photos = photo_views(cat.photos, entity_key("cats", cat.name), root) if cat.photos else ()
    return project(StaffCat, cat, age_group=group, blockers=blockers(cat, today), photos=photos)


def with_public_version(before: Cat | None, after: Cat) -> Cat:
    """Return the next version of a cat with the version of its public view.

    The public version changes only if the public view changes or begins to exist.

    Args:
        before: the stored cat; None if it is created.
        after: the cat to store, with its bonds.
    """
    version = _public_version(before) if before else 0
    updated = (before.public_updated or before.updated) if before else after.updated
    # The status is a public field, so a cat that becomes visible has a new version too.
    if is_public(after) and not (before and _public_fields(before) == _public_fields(after)):
        version, updated = version + 1, after.updated
    return replace(
        after,
        public_version=None if version == after.version else version,
        public_updated=None if updated == after.updated else updated,
    )


def changes_public_view(before: Cat | None, after: Cat | None) -> bool:
    """Return whether the public sees a change: the public view begins or ends to exist, or differs."""
    old, new = (_public_version(cat) if cat and is_public(cat) else None for cat in (before, after))
    return old != new


def _public_version(cat: Cat) -> int:
    return cat.version if cat.public_version is None else cat.public_version


def _public_fields(cat: Cat) -> dict[str, Any]:
    """Return the stored fields that the public sees: without batch numbers, families, and bonds with hidden cats."""
    fields = {field: getattr(cat, field) for field in _PUBLIC_FIELDS}
    if cat.hidden_bonds:
        fields["bonded_with"] = tuple(name for name in cat.bonded_with if name not in cat.hidden_bonds)
    fields["location"] = PublicLocation(cat.location.area, cat.location.on_floor)
    fields["vaccinations"] = tuple(
        [PublicVaccination(shot.type, shot.due_on, shot.given_on, shot.expires_on) for shot in cat.vaccinations]
    )
    return fields
