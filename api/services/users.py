"""The users: who sees whom, who gives roles, and which sessions a change ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from api.context import Context
from api.domain import users
from api.domain.entity import Stamp
from api.domain.errors import Fault, Forbidden, Invalid, Unauthenticated
from api.domain.passwords import verify
from api.domain.sessions import Session
from api.domain.users import Registration, User, UserBody, UserView
from api.people import hashed
from api.services.entity_service import Effects, EntityService, Predicate
from api.services.mappings import USER
from api.services.rate_limit import limited_login
from api.store.keys import Span
from api.store.write import Write
from api.tokens import roster, seated, sessions_of

REAUTH_WINDOW = timedelta(minutes=15)
"""Whoever has logged in so recently need not give their password again to change it."""


def authorise(context: Context, before: User | None, body: Registration | UserBody) -> None:
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


def _require_current_password(context: Context, user: User, body: Registration | UserBody) -> None:
    since, told = context.principal.since, getattr(body, "current_password", UNSET)
    if told is UNSET:
        if since and context.now - since <= REAUTH_WINDOW:
            return
        wanted = "A new password needs the current one here, unless you have just logged in."
        raise Invalid(Fault(wanted, pointer="/currentPassword"))
    with limited_login(context, user.username):
        if not verify(told, user.password_hash):
            raise Invalid(Fault("This is not the current password.", pointer="/currentPassword"))


def validate(
    context: Context, key: str | None, _before: User | None, body: Registration | UserBody, _related: None
) -> Sequence[Fault]:
    """Return what is wrong with a user; the password must not be the username, even if only the URL says that."""
    return users.faults(replace(body, username=key) if key and body.username is UNSET else body, context.now)


def create_entity(body: Registration | UserBody, key: str, write: Stamp) -> User:
    """Return a new user."""
    return _with_password(users.create(body, key, write), body)


def update_entity(user: User, body: UserBody, write: Stamp) -> User:
    """Return the next version of a user."""
    return _with_password(users.revise(user, body, write), body)


def _with_password(user: User, body: Registration | UserBody) -> User:
    return replace(user, password_hash=hashed(body.password)) if isinstance(body.password, str) else user


def update_sessions(
    context: Context, before: User | None, after: User | None, _related: None, write: Stamp
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


def _still_owner(context: Context) -> Write:
    """Check in the transaction that the acting owner still is one: of two who demote each other, one is too late."""
    acting = USER.get(context.dependencies.table, str(context.principal.username), consistent=True)
    if acting is None or not acting.value.active or acting.value.role != "owner":
        raise Forbidden("You are no owner any more.")
    return USER.check(acting)


def _session_writes(context: Context, before: User, after: User | None, own: bool, rev: str) -> list[Write]:
    def stays(session: Session) -> bool:
        if after is None or not after.active:
            return False
        return after.password_hash == before.password_hash or (own and session.id == context.principal.session)

    if after and _rights(after) == _rights(before):
        return []
    there = roster(context.dependencies.table, before.username)
    if own and context.principal.session not in {session.id for session in sessions_of(there)}:
        raise Unauthenticated("Your session has just ended.")
    role = after.role if after else before.role
    seats = [replace(session, role=role) for session in sessions_of(there) if stays(session)]
    return seated(before.username, there, seats, rev)


def _rights(user: User) -> tuple[object, ...]:
    return user.role, user.active, user.password_hash


def list_query(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[Span], Predicate[User]]:
    """List every user for owners, and for others themselves."""
    name = str(context.principal.username)
    span = Span("shelf-by_name", "users") if context.full_access else Span("shelf-by_name", "users", name, name)
    wanted = {name: args[name] for name in ("role", "active") if args[name] is not None}
    matches = (lambda user: all(getattr(user, name) == value for name, value in wanted.items())) if wanted else None
    return [span], matches


USERS: EntityService[User, Registration, UserBody, UserView, None] = EntityService(
    repository=USER,
    create_type=Registration,
    replace_type=UserBody,
    key_field="username",
    full_access_role="owner",
    always_private=True,
    put_creates_role="owner",
    normalise_key=users.spelt,
    key_error=users.fault,
    is_visible=_is_own,
    authorise=authorise,
    validate=validate,
    create_entity=create_entity,
    update_entity=update_entity,
    to_body=users.writable,
    side_effects=update_sessions,
    present=lambda _context, found: [users.view(user) for user in found],
    list_query=list_query,
)
