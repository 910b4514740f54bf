"""The users: who sees whom, who gives roles, and which sessions a change ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from api.context import Context
from api.domain import users
from api.domain.entity import WriteContext
from api.domain.errors import FieldError, Forbidden, Unauthenticated, ValidationFailed
from api.domain.passwords import verify
from api.domain.sessions import Session
from api.domain.users import CreateUser, ReplaceUser, User, UserView
from api.services.accounts import hash_new_password
from api.services.entity_service import Effects, EntityService, Predicate
from api.services.mappings import USER
from api.services.rate_limit import limited_login
from api.services.sessions import get_user_sessions, session_list, session_list_writes
from api.store.keys import KeyRange
from api.store.transaction import TransactItem

REAUTH_WINDOW = timedelta(minutes=15)
"""A user who has logged in so recently need not give the password again to change it."""


def authorise(context: Context, before: User | None, body: CreateUser | ReplaceUser) -> None:
    """Let owners give and take roles, and let a password be changed by who knows the old one."""
    there = {"role": before.role, "active": before.active} if before else {"role": "member", "active": True}
    own = _is_own(context, before)
    if any(getattr(body, name, UNSET) not in (UNSET, value) for name, value in there.items()):
        context.principal.require("owner")
        if own:
            raise Forbidden("Nobody changes their own role, or deactivates themselves: another owner does it.")
    if before and own and body.password is not UNSET:
        _require_current_password(context, before, body)


def _is_own(context: Context, user: User | None) -> bool:
    return user is not None and user.username == context.principal.username


def _require_current_password(context: Context, user: User, body: CreateUser | ReplaceUser) -> None:
    since, told = context.principal.since, getattr(body, "current_password", UNSET)
    if told is UNSET:
        if since and context.now - since <= REAUTH_WINDOW:
            return
        wanted = "A new password needs the current one here, unless you have just logged in."
        raise ValidationFailed(FieldError(wanted, pointer="/currentPassword"))
    with limited_login(context, user.username):
        if not verify(told, user.password_hash):
            raise ValidationFailed(FieldError("This is not the current password.", pointer="/currentPassword"))


def validate(
    context: Context, key: str | None, _before: User | None, body: CreateUser | ReplaceUser, _related: None
) -> Sequence[FieldError]:
    """Return what is wrong with a user; the password must not be the username, even if only the URL says that."""
    return users.validate(replace(body, username=key) if key and body.username is UNSET else body, context.now)


def create_entity(body: CreateUser | ReplaceUser, key: str, write: WriteContext) -> User:
    """Return a new user."""
    return _with_password(users.create(body, key, write), body)


def update_entity(user: User, body: ReplaceUser, write: WriteContext) -> User:
    """Return the next version of a user."""
    return _with_password(users.update(user, body, write), body)


def _with_password(user: User, body: CreateUser | ReplaceUser) -> User:
    return replace(user, password_hash=hash_new_password(body.password)) if isinstance(body.password, str) else user


def update_sessions(
    context: Context, before: User | None, after: User | None, _related: None, write: WriteContext
) -> Effects[User]:
    """Let a change of what a user may do hold for their sessions from the next request on."""
    own = _is_own(context, before)
    if own and after is None and context.principal.may("owner"):
        raise Forbidden("Nobody deletes themselves as an owner: another owner does it.")
    plain = before is None and after is not None and after.role == "member" and after.active
    writes = [] if own or plain else [_still_owner(context)]
    if before:
        writes += _session_writes(context, before, after, own, write.id)
    return Effects(after, writes=writes)


def _still_owner(context: Context) -> TransactItem:
    """Check in the transaction that the acting owner still is one: of two who demote each other, one is too late."""
    acting = USER.get(context.dependencies.table, str(context.principal.username), consistent=True)
    if acting is None or not acting.value.active or acting.value.role != "owner":
        raise Forbidden("You are no owner any more.")
    return USER.check(acting)


def _session_writes(context: Context, before: User, after: User | None, own: bool, rev: str) -> list[TransactItem]:
    def stays(session: Session) -> bool:
        if after is None or not after.active:
            return False
        return after.password_hash == before.password_hash or (own and session.id == context.principal.session)

    if after and _rights(after) == _rights(before):
        return []
    there = get_user_sessions(context.dependencies.table, before.username)
    if own and context.principal.session not in {session.id for session in session_list(there)}:
        raise Unauthenticated("Your session has just ended.")
    role = after.role if after else before.role
    seats = [replace(session, role=role) for session in session_list(there) if stays(session)]
    return session_list_writes(before.username, there, seats, rev)


def _rights(user: User) -> tuple[object, ...]:
    return user.role, user.active, user.password_hash


def list_query(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[KeyRange], Predicate[User]]:
    """List every user for owners, and for others themselves."""
    name = str(context.principal.username)
    span = KeyRange("list-by_name", "users") if context.full_access else KeyRange("list-by_name", "users", name, name)
    wanted = {name: args[name] for name in ("role", "active") if args[name] is not None}
    matches = (lambda user: all(getattr(user, name) == value for name, value in wanted.items())) if wanted else None
    return [span], matches


USERS: EntityService[User, CreateUser, ReplaceUser, UserView, None] = EntityService(
    repository=USER,
    create_type=CreateUser,
    replace_type=ReplaceUser,
    key_field="username",
    full_access_role="owner",
    always_private=True,
    put_creates_role="owner",
    normalise_key=users.normalise_username,
    key_error=users.username_error,
    is_visible=_is_own,
    authorise=authorise,
    validate=validate,
    create_entity=create_entity,
    update_entity=update_entity,
    to_body=users.to_body,
    side_effects=update_sessions,
    present=lambda _context, found: [users.to_view(user) for user in found],
    list_query=list_query,
)
