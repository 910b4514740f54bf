"""Users: the entity, its request bodies, its view, usernames and roles."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import force_setattr, replace

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
from api.domain.passwords import MAX_LENGTH, MIN_LENGTH, weakness

Role = Literal["public", "member", "staff", "owner"]
GivenRole = Literal["member", "staff", "owner"]
StoredRole = Annotated[Role, Meta(extra={"fallback": "member"})]
"""The role in an item. A role of another release, which is not understood, is read as the least one of a user."""
ROLE_RANKS: dict[str, int] = {"public": 0, "member": 1, "staff": 2, "owner": 3}
"""The roles in ascending order. Each role includes the permissions of those below it."""

Username = Annotated[
    str,
    Meta(
        description="The name for the login. Case is ignored.",
        examples=["ada"],
        extra_json_schema={"minLength": 1, "maxLength": names.MAX_LENGTH},
    ),
]
EMAIL = r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}(?![\s\S])"
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=EMAIL,
        description="An e-mail address. Only the user and owners see it.",
        examples=["ada@example.org"],
    ),
]
NewPassword = Annotated[str, Meta(min_length=MIN_LENGTH, max_length=MAX_LENGTH)]
OldPassword = Annotated[str, Meta(max_length=MAX_LENGTH)]


class UserFields(ApiStruct, frozen=True, kw_only=True):
    """The profile of a user."""

    display_name: ShortText | None = None
    email: Email | None = None
    about: LongText | None = None


class CreateUser(UserFields, frozen=True, kw_only=True):
    """The body of ``POST /users``."""

    username: Username
    password: NewPassword
    role: GivenRole | UnsetType = UNSET
    """Only an owner may set it. The default is member."""


class ReplaceUser(UserFields, frozen=True, kw_only=True):
    """The body of ``PUT /users/{username}``. Without role, active or password, these do not change."""

    username: Username | UnsetType = UNSET
    role: GivenRole | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    """Whether the user may log in. Only an owner may set it."""
    password: NewPassword | UnsetType = UNSET
    """A new password. It ends the other sessions of the user."""
    current_password: OldPassword | UnsetType = UNSET
    """Required to change your own password or e-mail address."""


class User(UserFields, frozen=True, kw_only=True, omit_defaults=True):
    """The stored user."""

    uid: str = ""
    """The id in references to the user. It is never given to another user, not even to one with the same username."""
    username: str
    role: StoredRole
    active: bool = True
    password_hash: str | None = None
    """An argon2id hash in the standard encoding; None for a user who cannot log in with a password."""
    created: Timestamp
    updated: Timestamp
    version: int = 1
    expires: Timestamp | None = None
    """When DynamoDB may delete the user; None for every user but that of a smoke test."""

    def __post_init__(self) -> None:
        """Give a user of a release without uids the username as the uid: older references are usernames."""
        if not self.uid:
            force_setattr(self, "uid", self.username)


class Author(ApiStruct, frozen=True, omit_defaults=True, kw_only=True):
    """What is shown of a user in what the user wrote. It is stored by uid, next to the user."""

    uid: str
    username: str
    display_name: str | None = None
    role: StoredRole
    active: bool = True


class FirstOwner(ApiStruct, frozen=True, omit_defaults=True):
    """The record of the first owner of a table. There is at most one."""

    uid: str = ""
    username: str = ""
    """Only in a record of a release without uids."""


class UserView(UserFields, frozen=True, kw_only=True):
    """A user as the user and owners see it."""

    username: str
    role: Role
    active: bool
    created: Timestamp
    updated: Timestamp
    version: int


SMOKE_TEST_PREFIX = "smoke-test-"
"""The start of the usernames of smoke tests (``tools/deploy/smoke.py``)."""
SMOKE_TEST_LIFETIME = timedelta(days=1)
"""When such a user expires. A smoke test deletes its user, unless it is interrupted."""
DELETED_USER_LABEL = "a former member of staff"
"""The name that is shown for a deleted user."""
STAFF_LABEL = "a member of the staff"
"""The public name of an author without a display name."""
RESERVED = frozenset(
    {"clowder", "me", DELETED_USER_LABEL, "former member of staff", STAFF_LABEL, "member of the staff"}
)
"""Names with a special meaning: the author of derived to-dos, the caller, and the labels that the server shows."""
_RESERVED_SKELETONS = frozenset(map(names.skeleton, RESERVED))

normalise_username = names.fold
"""Return a username for a comparison without case, width and style (Unicode Standard Annex 31, section 5)."""


ME = "me"
"""The caller, in place of a username in a URL."""


def is_me(text: str) -> bool:
    """Return whether a username in a URL means the caller."""
    return normalise_username(text) == ME


def is_reserved(name: str) -> bool:
    """Return whether a name is a reserved one, except for case, width, spaces and punctuation."""
    return names.skeleton(name) in _RESERVED_SKELETONS


UID_PREFIX = "u_"
"""The prefix of uids. Usernames have no underscore, so that no uid equals a username."""


def new_uid(id: str) -> str:
    """Return the uid of a new user.

    Args:
        id: a random id, such as the id of the write that creates the user.
    """
    return f"{UID_PREFIX}{id}"


def username_error(username: str) -> FieldError | None:
    """Return the error of a normalised username, or None."""
    if error := names.name_error(username):
        return error
    return FieldError("reserved", "This username is reserved.") if is_reserved(username) else None


def has_role(role: Role, needed: Role) -> bool:
    """Return whether a role includes another role."""
    return ROLE_RANKS[role] >= ROLE_RANKS[needed]


def lower_role(first: StoredRole, second: StoredRole) -> Role:
    """Return the role of two that may do less."""
    return min(first, second, key=ROLE_RANKS.__getitem__)


def validate(body: CreateUser | ReplaceUser) -> list[FieldError]:
    """Return the errors of a body whose types are valid."""
    errors = []
    if body.display_name is not None and is_reserved(body.display_name):
        errors.append(FieldError("reserved", "This display name is reserved.", pointer="/displayName"))
    if isinstance(body.password, str):
        weak = weakness(body.password, normalise_username(body.username) if isinstance(body.username, str) else "")
        errors += [FieldError("weak_password", weak, pointer="/password")] if weak else []
    return errors


def is_smoke_test(username: str, role: Role) -> bool:
    """Return whether a user with this name and role is of a smoke test, and expires if the user is new."""
    return role == "member" and username.startswith(SMOKE_TEST_PREFIX)


def create(body: CreateUser | ReplaceUser, username: str, write: WriteContext) -> User:
    """Return a new user without a password. The default role is member."""
    role = "member" if body.role is UNSET else body.role
    active = getattr(body, "active", UNSET) is not False
    return User(
        **non_default_fields(body, UserFields),
        uid=new_uid(write.id),
        username=username,
        role=role,
        active=active,
        expires=write.at + SMOKE_TEST_LIFETIME if is_smoke_test(username, role) else None,
        **first_version(write.at),
    )


def update(user: User, body: ReplaceUser, write: WriteContext) -> User:
    """Return the next version of a user, with the same password."""
    sent = {name: value for name in ("role", "active") if (value := getattr(body, name)) is not UNSET}
    after = replace(user, **non_default_fields(body, UserFields), **sent, **next_version(user, write.at))
    return after if after.role == "member" else replace(after, expires=None)


def to_body(user: User) -> ReplaceUser:
    """Return the profile: the target of a merge patch. It omits role and active, so that null cannot remove them."""
    return ReplaceUser(**{name: getattr(user, name) for name in UserFields.__struct_fields__})


def to_view(user: User) -> UserView:
    """Return the view of a user."""
    return project(UserView, user)


def to_author(user: User | Author) -> Author:
    """Return what is shown of a user."""
    return project(Author, user)


def is_active_staff(person: User | Author) -> bool:
    """Return whether a user may be the assignee of a to-do."""
    return person.active and has_role(person.role, "staff")
