"""Redactions of the history of a cat, and the records of erasures that a restore from a backup repeats."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from msgspec import Meta

from api.domain import names
from api.domain.cats import CreateCat
from api.domain.entity import ApiStruct, Timestamp
from api.domain.errors import FieldError

RETENTION = timedelta(days=400)
"""How long an erasure is stored: longer than daily and monthly backups. See docs/privacy.md for manual backups."""
REDACTABLE = (*(name for name in CreateCat.__struct_encode_fields__ if name not in ("name", "status")), "photos")
"""The members of a cat that can be redacted in its history: those with a neutral default, and the texts of photos."""


class Redaction(ApiStruct, frozen=True):
    """The body of ``POST /cats/{name}/history/redactions``."""

    member: Annotated[str, Meta(title="RedactableMember", extra_json_schema={"enum": list(REDACTABLE)})]
    """The member of the cat whose values are removed."""
    reason: Annotated[str, Meta(max_length=200, description="Not blank.", extra_json_schema={"minLength": 1})]


class RedactionSummary(ApiStruct, frozen=True):
    """The result of a redaction."""

    redacted: int
    """The number of versions from which this request removed a value."""
    next: str | None
    """The URL for the next request with the same body, if there are more versions."""


class Erasure(ApiStruct, frozen=True, omit_defaults=True, kw_only=True):
    """The record that a user was deleted, or that a member was redacted in the history of a cat."""

    id: str
    at: Timestamp
    person: str = ""
    """The hash of the uid of a deleted user."""
    cat: str = ""
    member: str = ""
    reason: str = ""
    by: str = ""
    """The uid of the author of a redaction."""
    unchanged: str = ""
    """The version of the cat that a redaction did not change."""


def version_id(uid: str | None, version: int | None) -> str:
    """Return the id of a version of a cat. A later cat of the same name has another uid."""
    return f"{uid}#{version}"


def person_hash(uid: str) -> str:
    """Return the hash of a uid. The uid of a user of a release without uids is the username, which must be gone."""
    return sha256(uid.encode()).hexdigest()


def validate(body: Redaction) -> list[FieldError]:
    """Return the errors of a redaction whose types are valid."""
    errors = []
    if isinstance(body.member, str) and body.member not in REDACTABLE:
        detail = f"member must be one of {', '.join(REDACTABLE)}."
        errors.append(FieldError("invalid_value", detail, pointer="/member"))
    if isinstance(body.reason, str) and (error := names.text_error(body.reason, "reason")):
        errors.append(error.at("/reason"))
    return errors
