"""The members of each entity, by role. contract/test_members.py executes the table; ``make docs`` renders it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from api.domain.cat_views import StaffCat
from api.domain.entity import HistoryEntry
from api.domain.photos import StaffPhoto
from api.domain.pies import PieView
from api.domain.posts import PostView
from api.domain.sessions import SessionView
from api.domain.todos import TodoView
from api.domain.tokens import TokenView
from api.domain.users import UserView
from api.domain.weights import Weight

Visibility = tuple[bool, bool, bool, bool]
"""Whether public, member, staff and owner see a member."""

PUBLIC, MEMBER = (True, True, True, True), (False, True, True, True)
STAFF, OWNER = (False, False, True, True), (False, False, False, True)

_USER = (
    "username", "displayName", "email", "about", "role", "active", "created", "updated", "version",
)  # fmt: skip
GROUPS: dict[str, dict[Visibility, Sequence[str]]] = {
    "a cat": {
        PUBLIC: (
            "name", "sex", "birthDate", "birthDateExact", "ageGroup", "breed", "breed.primary", "breed.secondary",
            "breed.mixed", "colors", "colors.primary", "colors.secondary", "colors.tertiary", "pattern", "coat",
            "altered", "alteredOn", "fiv", "felv", "testedOn", "vaccinations", "vaccinations.type",
            "vaccinations.dueOn", "vaccinations.givenOn", "vaccinations.expiresOn", "goodWith", "goodWith.cats",
            "goodWith.dogs", "goodWith.children", "specialNeeds", "specialNeeds.has", "specialNeeds.note",
            "specialNeeds.diet", "bondedWith", "status", "location", "location.area", "location.onFloor",
            "adoptionFee", "adoptionFee.amount", "adoptionFee.currency", "description", "created", "updated", "version",
            "photos", "photos.id", "photos.alt", "photos.width", "photos.height", "photos.files", "photos.files.width",
            "photos.files.href",
        ),
        STAFF: (
            "location.unit", "vaccinations.batch", "microchips", "microchips.number", "microchips.implantedOn",
            "staffNotes", "holdUntil", "blockers", "blockers.code", "blockers.detail", "blockers.clearedBy",
        ),
    },
    "a version of a cat": {STAFF: ("at", "action", "by", "version", "changed", "member", "reason")},
    "a weight": {STAFF: ("id", "grams", "weighedAt", "note", "by", "recorded")},
    "a pie": {
        PUBLIC: (
            "name", "publicName", "rate", "rate.amount", "rate.currency", "description", "allergens", "diets",
            "available", "soldOutUntil", "soldOut", "created", "updated", "version",
            "photos", "photos.id", "photos.alt", "photos.width", "photos.height", "photos.files", "photos.files.width",
            "photos.files.href",
        ),
    },
    "a post": {
        PUBLIC: (
            "id", "title", "body", "html", "cats", "author", "publishedAt", "created", "updated", "version",
            "photos", "photos.id", "photos.alt", "photos.width", "photos.height", "photos.files", "photos.files.width",
            "photos.files.href",
        ),
    },
    "a photo": {
        PUBLIC: ("id", "alt", "width", "height", "files", "files.width", "files.href"),
        STAFF: ("state", "position", "refusal", "refusal.code", "refusal.detail", "expires"),
    },
    "a to-do": {
        STAFF: (
            "id", "title", "kind", "cat", "due", "overdue", "priority", "assignee", "waitUntil", "blockedBy",
            "recurrence", "recurrence.every", "recurrence.unit", "recurrence.from", "notes", "done", "doneAt",
            "doneBy", "next", "by", "created", "updated", "version",
        ),
    },
    "the caller's own profile": {MEMBER: _USER},
    "the profile of another user": {OWNER: _USER},
    "a session of the caller": {MEMBER: ("id", "username", "role", "created", "expires", "current")},
    "an API token of the caller": {
        MEMBER: ("id", "name", "role", "created", "expires", "lastUsed", "current"),
    },
}  # fmt: skip
"""The members of each entity, by the roles that see them. ``location.unit`` is a member of the member location."""
VIEWS: dict[str, type[Struct]] = {
    "a cat": StaffCat,
    "a version of a cat": HistoryEntry,
    "a weight": Weight,
    "a pie": PieView,
    "a post": PostView,
    "a photo": StaffPhoto,
    "a to-do": TodoView,
    "the caller's own profile": UserView,
    "the profile of another user": UserView,
    "a session of the caller": SessionView,
    "an API token of the caller": TokenView,
}
"""The view of each entity with all members."""


def rows(groups: Mapping[Visibility, Sequence[str]]) -> dict[str, Visibility]:
    """Return the visibility of each member of an entity."""
    return {member: visibility for visibility, members in groups.items() for member in members}
