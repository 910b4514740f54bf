"""People who work here or come here: their profiles, and what each of them may do."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec.structs import replace

from api.domain import names
from api.domain.cat_fields import LongText, ShortText
from api.domain.entity import (
    ApiStruct,
    Timestamp,
    WriteContext,
    first_version,
    next_version,
    non_default_fields,
    project,
)
from api.domain.errors import FieldError
from api.domain.passwords import LONGEST, SHORTEST, weakness

Role = Literal["public", "member", "staff", "owner"]
GivenRole = Literal["member", "staff", "owner"]
RANKS: dict[str, int] = {"public": 0, "member": 1, "staff": 2, "owner": 3}
"""Every role may do what the roles below it may."""

Username = Annotated[
    str,
    Meta(
        description="The name that somebody logs in with; upper and lower case are the same.",
        examples=["ada"],
        extra_json_schema={"minLength": 1, "maxLength": names.LONGEST},
    ),
]
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}(?![\s\S])",
        description="An e-mail address; nobody but its owner and the café's owner sees it.",
        examples=["ada@example.org"],
    ),
]
NewPassword = Annotated[str, Meta(min_length=SHORTEST, max_length=LONGEST)]
OldPassword = Annotated[str, Meta(max_length=LONGEST)]


class UserFields(ApiStruct, frozen=True, kw_only=True):
    """What somebody says of themselves."""

    display_name: ShortText | None = None
    email: Email | None = None
    about: LongText | None = None


class CreateUser(UserFields, frozen=True, kw_only=True):
    """The body of ``POST /users``."""

    username: Username
    password: NewPassword
    role: GivenRole | UnsetType = UNSET
    """Given by an owner; member, if it is not said."""


class ReplaceUser(UserFields, frozen=True, kw_only=True):
    """The body of ``PUT /users/{username}``. Role, state and password stay as they are if they are not sent."""

    username: Username | UnsetType = UNSET
    role: GivenRole | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    """Whether they may log in; given and taken by an owner."""
    password: NewPassword | UnsetType = UNSET
    """A new one. It ends the other sessions."""
    current_password: OldPassword | UnsetType = UNSET
    """Needed for a new password of one's own, unless one has just logged in."""


class User(UserFields, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody as they are kept."""

    username: str
    role: Role
    active: bool = True
    password_hash: str | None = None
    """argon2id, in its usual encoding; None for somebody who cannot log in with a password."""
    created: Timestamp
    updated: Timestamp
    version: int = 1


class FirstOwner(Struct, frozen=True):
    """The record of the first owner of a table. There is at most one."""

    username: str


class UserView(UserFields, frozen=True, kw_only=True):
    """Somebody as they and the owner see them."""

    username: str
    role: Role
    active: bool
    created: Timestamp
    updated: Timestamp
    version: int


RESERVED = frozenset({"clowder", "me"})
"""Names with another meaning: the author of sample data, and the caller."""


def normalise_username(username: str) -> str:
    """Return the one spelling of a username: of usual width, in lower case, NFC, trimmed (as RFC 8265, section 3.3)."""
    usual = "".join(unicodedata.normalize("NFKC", c) if _is_wide(c) else c for c in username)
    return unicodedata.normalize("NFC", names.normalise(usual).lower())


def _is_wide(character: str) -> bool:
    return unicodedata.decomposition(character).startswith(("<wide>", "<narrow>"))


def username_error(username: str) -> str | None:
    """Say what is wrong with the one spelling of a username, or None."""
    return "This name is reserved." if username in RESERVED else names.name_error(username)


def has_role(role: Role, needed: Role) -> bool:
    """Say whether somebody of a role may do what needs a role."""
    return RANKS[role] >= RANKS[needed]


def validate(body: CreateUser | ReplaceUser, _now: datetime) -> list[FieldError]:
    """Return every rule that a well-formed body breaks, besides those that its types say."""
    if not isinstance(body.password, str):
        return []
    weak = weakness(body.password, normalise_username(body.username) if isinstance(body.username, str) else "")
    return [FieldError(weak, pointer="/password")] if weak else []


def create(body: CreateUser | ReplaceUser, username: str, stamp: WriteContext) -> User:
    """Return somebody new: a member, unless an owner said something else. They have no password yet."""
    role = "member" if body.role is UNSET else body.role
    active = getattr(body, "active", UNSET) is not False
    return User(
        **non_default_fields(body, UserFields),
        username=username,
        role=role,
        active=active,
        **first_version(stamp.at),
    )


def update(user: User, body: ReplaceUser, stamp: WriteContext) -> User:
    """Return somebody's next version; their password stays."""
    given = {name: value for name in ("role", "active") if (value := getattr(body, name)) is not UNSET}
    return replace(user, **non_default_fields(body, UserFields), **given, **next_version(user, stamp.at))


def to_body(user: User) -> ReplaceUser:
    """Return what somebody may write of themselves; what is only given stays out, so that no null can take it."""
    return ReplaceUser(**{name: getattr(user, name) for name in UserFields.__struct_fields__})


def to_view(user: User) -> UserView:
    """Return somebody as they and the owner see them."""
    return project(UserView, user)


DELETED_USER_LABEL = "a former member of staff"
"""How somebody shows who has been deleted."""
