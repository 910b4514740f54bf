"""Albums: the photos of one entity in their order, and the rules of each collection."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from api.domain.errors import FieldError
from api.domain.photos import SITE, Photo
from api.domain.users import Role


class AlbumRules(Struct, frozen=True):
    """The rules of the photos of the entities of one collection."""

    singular: str
    """The entity, in the singular."""
    limit: int
    """The most photos. A new photo replaces the old one if the limit is 1."""
    role: Role = "staff"
    """The least role that adds, changes and deletes photos."""
    label: str = "photo"
    """What pages call a photo."""


ALBUM_RULES = {
    "cats": AlbumRules("cat", 20),
    "pies": AlbumRules("pie", 1),
    "posts": AlbumRules("post", 1),
    SITE: AlbumRules("site", 1, role="owner", label="logo"),
}
"""The collections whose entities have photos."""


def moved(photos: Sequence[Photo], photo: Photo, position: int) -> tuple[Photo, ...]:
    """Return photos with one of them changed and at another position, counted from 1."""
    others = [other for other in photos if other.id != photo.id]
    return (*others[: position - 1], photo, *others[position - 1 :])


def position_errors(position: object, count: int) -> list[FieldError]:
    """Return the error of a position that the photos do not have. A position with another error is no integer."""
    if not isinstance(position, int) or position <= count:
        return []
    detail = f"position must be at most {count}, the number of photos."
    return [FieldError("too_large", detail, pointer="/position")]
