"""The service of users: visibility, roles, passwords, and the sessions that a change ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from api.context import Context
from api.domain import users
from api.domain.entity import WriteContext, fields_equal
from api.domain.errors import FieldError, Forbidden, InvalidState, Unauthenticated, ValidationFailed
from api.domain.sessions import Session
from api.domain.users import CreateUser, ReplaceUser, User, UserView
from api.services.accounts import hash_once, is_password
from api.services.authors import author_writes
from api.services.entity_service import Effects, EntityService, Predicate
from api.services.erasures import erase_user_writes
from api.services.mappings import USER, USER_TOKENS
from api.services.rate_limit import (
    LoginLimits,
    RateLimit,
    address_limit,
    count_attempt,
    log_event,
    note_counts,
    password_limits,
)
from api.services.sessions import get_user_sessions, session_list, session_list_writes
from api.store.keys import FIRST, LAST, KeyRange
from api.store.repository import get_items
from api.store.transaction import UNCONDITIONAL, TransactItem, Write

CHANGE = "change of a user"
NOT_HASHED = "new"
"""The hash of a new password until ``update_sessions`` computes it, after all checks and once for all retries."""


def authorise(context: Context, before: User | None, body: CreateUser | ReplaceUser) -> None:
    """Check that an owner changes the role or the state, and that users know their current password.

    Raises:
        Forbidden: the caller is not an owner, changes their own role or state, or has an API token.
        ValidationFailed: the current password is missing or wrong.
        RateLimited: too many wrong passwords.
    """
    current = {"role": before.role, "active": before.active} if before else {"role": "member", "active": True}
    is_self = _is_self(context, before)
    changes_access = any(getattr(body, name, UNSET) not in (UNSET, value) for name, value in current.items())
    if changes_access or (before and (body.password is not UNSET or body.email != before.email)):
        context.principal.require_session()
    if changes_access:
        context.principal.require("owner")
        if is_self:
            raise Forbidden("You cannot change your own role or deactivate yourself. Another owner can.")
    current_password = getattr(body, "current_password", UNSET)
    if before and current_password is not UNSET and _needs_current_password(context, before, body):
        _check_current_password(context, before, current_password)


def _is_self(context: Context, user: User | None) -> bool:
    return user is not None and user.uid == context.principal.uid


def _needs_current_password(context: Context, user: User, body: CreateUser | ReplaceUser) -> bool:
    """Return whether users change their own password or e-mail address (ASVS 5.0, 6.2.3)."""
    return _is_self(context, user) and (body.password is not UNSET or body.email != user.email)


def _check_current_password(context: Context, user: User, current_password: str) -> None:
    limits = LoginLimits(context, user.username)
    limits.read_and_require(password_limits(context))
    _count_work(context)
    if not is_password(context, current_password, user.password_hash):
        limits.count_failure(exists=True)
        raise ValidationFailed(
            FieldError("wrong_password", "The current password is wrong.", pointer="/currentPassword")
        )


def _count_work(context: Context) -> None:
    """Count a verification or a hash of a password, once per request. A registration is counted by its address."""
    if context.principal.username:
        context.once("work", lambda: count_attempt(context, password_limits(context)))


def validate(
    context: Context, key: str | None, before: User | None, body: CreateUser | ReplaceUser, _related: object
) -> Sequence[FieldError]:
    """Return the errors of a user. The password must not equal the username, which may be in the URL only."""
    errors = users.validate(replace(body, username=key) if key and body.username is UNSET else body)
    is_sent = getattr(body, "current_password", UNSET) is not UNSET
    if before and not is_sent and _needs_current_password(context, before, body):
        message = "To change the password or the e-mail address, send the current password."
        errors.append(FieldError("required", message, pointer="/currentPassword"))
    return errors


def get_new_password(_: Context, _before: User | None, body: CreateUser | ReplaceUser | None) -> str | None:
    """Return the new password in a body, or None."""
    return body.password if body and isinstance(body.password, str) else None


def create_entity(body: CreateUser | ReplaceUser, key: str, write: WriteContext) -> User:
    """Return a new user."""
    return _with_password(users.create(body, key, write), body)


def update_entity(user: User, body: ReplaceUser, write: WriteContext) -> User:
    """Return the next version of a user."""
    return _with_password(users.update(user, body, write), body)


def _with_password(user: User, body: CreateUser | ReplaceUser) -> User:
    return replace(user, password_hash=NOT_HASHED) if isinstance(body.password, str) else user


def update_sessions(
    context: Context, before: User | None, after: User | None, new_password: str | None, write: WriteContext
) -> Effects[User]:
    """Hash a new password, and return the writes that apply a new role, state or password to the sessions at once.

    Raises:
        Forbidden: an owner deletes themselves, or the caller is no longer an owner.
        Unauthenticated: the session of the caller has ended.
    """
    is_self = _is_self(context, before)
    if is_self and after is None and context.principal.may("owner"):
        raise Forbidden("An owner cannot delete themselves. Another owner can.")
    is_registration = before is None and after is not None and after.role == "member" and after.active
    limits = password_limits(context) if after and new_password else []
    writes: list[Write] = [] if is_self or is_registration else [_owner_check(context, limits)]
    if after and new_password:
        _count_work(context)
        after = replace(after, password_hash=hash_once(context, new_password))
    _note_change(context, before, after, new_password)
    if before:
        writes += _session_writes(context, before, after, is_self, write.id)
    if before and after and is_self and (new_password or after.email != before.email):
        writes += LoginLimits(context, before.username).checks()
    if before and after is None:
        writes += erase_user_writes(before, write.at, write.id)
    else:
        writes += author_writes(before, after, write.id)
    return Effects(after, writes=writes)


def _note_change(context: Context, before: User | None, after: User | None, new_password: str | None) -> None:
    """Note what a change does to the protection of an account. ``log_change`` logs it after the commit."""
    event = "user changed" if before and after else "user created" if after else "user deleted"
    changed = [
        name for name in ("role", "active", "email") if getattr(before, name, None) != getattr(after, name, None)
    ]
    members = [*changed, *(["password"] if new_password else [])]
    user = after or before
    context.results[CHANGE] = (event, user.username, members) if user and (members or not after) else None


def log_change(context: Context) -> None:
    """Log the committed change of a user, if it concerns security: the names of the members, never their values."""
    if change := context.results.get(CHANGE):
        event, username, members = change
        log_event(context, event, username, members=members)


def _owner_check(context: Context, limits: Sequence[RateLimit]) -> TransactItem:
    """Return the check that the caller is an owner at the commit: two owners cannot demote each other at once.

    The counts of some limits are read with the caller, and noted.
    """
    key = USER.item_key(str(context.principal.username))
    items = get_items(context.dependencies.table, [key, *(limit.key(context.now) for limit in limits)])
    note_counts(context, limits, items)
    item = items[key["pk"]]
    caller = USER.read(item) if item else None
    if caller is None or not caller.value.active or caller.value.role != "owner":
        raise Forbidden("You are no longer an owner.")
    return USER.check(caller)


def _session_writes(context: Context, before: User, after: User | None, is_self: bool, rev: str) -> list[TransactItem]:
    """Return the writes that end the sessions of a user, or give them the new role.

    A deactivation and a new password end the API tokens too. A deletion ends them in ``erase_user_writes``.
    """

    def continues(session: Session) -> bool:
        if after is None or not after.active:
            return False
        return after.password_hash == before.password_hash or (is_self and session.id == context.principal.session)

    own_email = is_self and after and after.email != before.email
    if after and _access(after) == _access(before) and not own_email:
        return []
    record = get_user_sessions(context.dependencies.table, before.username)
    if is_self and context.principal.session not in {session.id for session in session_list(record)}:
        raise Unauthenticated("Your session has ended.")
    role = after.role if after else before.role
    remaining = [replace(session, role=role) for session in session_list(record) if continues(session)]
    writes = session_list_writes(before.username, record, remaining, rev)
    if after and (not after.active or after.password_hash != before.password_hash):
        writes.append(USER_TOKENS.delete(before.username, UNCONDITIONAL))
    return writes


def _access(user: User) -> tuple[object, ...]:
    return user.role, user.active, user.password_hash


def count_registration(context: Context) -> None:
    """Count a registration per client address, because hashing a password is expensive. An owner is not counted.

    Raises:
        RateLimited.
    """
    if not context.principal.may("owner"):
        limit = address_limit(context, "registration")
        context.once("registration", lambda: count_attempt(context, [limit]))


def resolve_username(context: Context, text: str) -> str:
    """Return the username of the caller for ``me``, and every other text as it is."""
    return str(context.principal.username) if users.is_me(text) else text


def list_query(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[KeyRange], Predicate[User]]:
    """Return all users for an owner, and only the caller for other callers."""
    name = str(context.principal.username)
    low, high = (FIRST, LAST) if context.full_access else (name, name)
    return [KeyRange("list-by_name", "users", low, high, reverse=args["sort"] == "-username")], fields_equal(
        role=args["role"], active=args["active"]
    )


def registered_view(context: Context, body: CreateUser, rev: str, at: datetime | None) -> UserView:
    """Return the view of a user at the registration, for the replay of its response. A replay changes nothing.

    Args:
        context: the principal and the time.
        body: the body of the registration.
        rev: the id of its write.
        at: its time.

    Raises:
        InvalidState: the user has been deleted since.
    """
    context.results.pop(CHANGE, None)  # an attempt that lost the race may have noted a change
    username = users.normalise_username(body.username)
    record = USER.get(context.dependencies.table, username, consistent=True)
    if at is None or record is None or record.value.created != at:
        raise InvalidState("This user has been registered and deleted. To register again, use a new Idempotency-Key.")
    return users.to_view(users.create(body, username, WriteContext(rev, "", at)))


USERS: EntityService[User, CreateUser, ReplaceUser, UserView, str | None] = EntityService(
    repository=USER,
    create_type=CreateUser,
    replace_type=ReplaceUser,
    key_field="username",
    full_access_role="owner",
    always_private=True,
    put_create_needs_full_access=True,
    normalise_key=users.normalise_username,
    resolve_key=resolve_username,
    key_error=users.username_error,
    is_visible=_is_self,
    authorise=authorise,
    load_related=get_new_password,
    validate=validate,
    create_entity=create_entity,
    update_entity=update_entity,
    to_body=users.to_body,
    side_effects=update_sessions,
    present=lambda _context, entities: [users.to_view(user) for user in entities],
    list_query=list_query,
)
