"""What makes people a noun of its own: who sees whom, who gives roles, and which sessions a change ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from api.domain import users
from api.domain.errors import Fault, Forbidden, Invalid, Unauthenticated
from api.domain.kept import Stamp
from api.domain.passwords import verify
from api.domain.sessions import Session
from api.domain.users import Registration, User, UserBody, UserView
from api.http.auth import Caller, require
from api.http.resource import Call
from api.people import USERS, hashed
from api.resources.door import counted
from api.resources.noun import Matches, Noun, Outcome
from api.store.keys import Span
from api.store.write import Write
from api.tokens import roster, seated, sessions_of

FRESH = timedelta(minutes=15)
"""Whoever has logged in so recently need not say their password again to change it."""


class Users(Noun):
    """The people."""

    kind, rules, new, body, member = USERS, users, Registration, UserBody, "username"

    def spelt(self, text: str) -> str:
        """Upper and lower case are one username."""
        return users.spelt(text)

    def key_fault(self, key: str) -> str | None:
        """Some names mean something else."""
        return users.fault(key)

    def sees_all(self, caller: Caller) -> bool:
        """An owner sees everybody."""
        return caller.may("owner")

    def visible(self, thing: User, caller: Caller, now: datetime) -> bool:
        """Everybody else sees themselves."""
        return thing.username == caller.username

    def private(self, caller: Caller) -> bool:
        """No profile is public."""
        return True

    def creates(self, caller: Caller) -> bool:
        """To others, a free username is like one that is taken: not there."""
        return caller.may("owner")

    def permit(self, call: Call, before: User | None, body: Registration | UserBody) -> None:
        """Roles are given and taken by owners, a password is changed by who knows the old one."""
        there = {"role": before.role, "active": before.active} if before else {"role": "member", "active": True}
        own = before is not None and before.username == call.caller.username
        if any(getattr(body, name, UNSET) not in (UNSET, value) for name, value in there.items()):
            require(call.caller, "owner")
            if own:
                raise Forbidden("Nobody changes their own role, or deactivates themselves: another owner does it.")
        if before and own and body.password is not UNSET:
            _prove(call, before, body)

    def view(self, thing: User, sees_all: bool, now: datetime) -> UserView:
        """Owners and the person themselves see the same."""
        return users.view(thing)

    def faults(self, body: Registration | UserBody, before: User | None, now: datetime) -> Sequence[Fault]:
        """A password must not be among the first that somebody would try."""
        return super().faults(replace(body, username=before.username) if before else body, before, now)

    def faults_beside(self, call: Call, key: str | None, before: Any, body: Any) -> Sequence[Fault]:
        """A password must not be the username either where only the URL says it."""
        if key is None or before is not None or body.username is not UNSET:
            return ()
        known = users.faults(body, call.now)
        return [fault for fault in users.faults(replace(body, username=key), call.now) if fault not in known]

    def create(self, body: Registration | UserBody, key: str, stamp: Stamp) -> User:
        """Return somebody new."""
        if weak := users.faults(replace(body, username=key), stamp.at):
            raise Invalid(*weak)
        return _with_password(super().create(body, key, stamp), body)

    def revise(self, thing: User, body: UserBody, stamp: Stamp) -> User:
        """Return somebody's next version."""
        return _with_password(super().revise(thing, body, stamp), body)

    def follow(self, call: Call, before: User | None, after: User | None, stamp: Stamp) -> Outcome:
        """A change of what somebody may do holds for their sessions from the next request on."""
        own = before is not None and before.username == call.caller.username
        if own and after is None and call.caller.may("owner"):
            raise Forbidden("Nobody deletes themselves as an owner: another owner does it.")
        writes = [] if own or (before is None and _is_plain(after)) else self._still_owner(call)
        if before:
            writes += self._sessions(call, before, after, own, stamp.id)
        return Outcome(after, writes=writes)

    def _still_owner(self, call: Call) -> list[Write]:
        """Of two owners who take the role from each other at once, one is too late: there is always an owner."""
        records = call.services.records(USERS)
        acting = records.get(str(call.caller.username), consistent=True)
        if acting is None or not acting.value.active or acting.value.role != "owner":
            raise Forbidden("You are no owner any more.")
        return [records.check(acting)]

    def _sessions(self, call: Call, before: User, after: User | None, own: bool, rev: str) -> list[Write]:
        def kept(session: Session) -> bool:
            if after is None or not after.active:
                return False
            return after.password_hash == before.password_hash or (own and session.id == call.caller.session)

        if after and _rights(after) == _rights(before):
            return []
        table, there = call.services.table, roster(call.services.table, before.username)
        if own and call.caller.session not in {session.id for session in sessions_of(there)}:
            raise Unauthenticated("Your session has just ended.")
        role = after.role if after else before.role
        seats = [replace(session, role=role) for session in sessions_of(there) if kept(session)]
        return seated(table, before.username, there, seats, rev)

    def listing(self, args: Mapping[str, Any], caller: Caller, now: datetime) -> tuple[Sequence[Span], Matches]:
        """Owners list everybody, others themselves."""
        everybody = Span("shelf-by_name", "users")
        own = Span(everybody.index, everybody.partition, str(caller.username), str(caller.username))
        wanted = {name: args[name] for name in ("role", "active") if args[name] is not None}
        passes = (lambda user: all(getattr(user, name) == value for name, value in wanted.items())) if wanted else None
        return [everybody if self.sees_all(caller) else own], passes


def _rights(user: User) -> tuple[object, ...]:
    return user.role, user.active, user.password_hash


def _is_plain(user: User | None) -> bool:
    """Say whether somebody new is what anyone may become."""
    return user is not None and user.role == "member" and user.active


def _with_password(user: User, body: Registration | UserBody) -> User:
    return replace(user, password_hash=hashed(body.password)) if isinstance(body.password, str) else user


def _prove(call: Call, user: User, body: Registration | UserBody) -> None:
    """Let a new password pass if the old one is known, or was said just now."""
    since, told = call.caller.since, getattr(body, "current_password", UNSET)
    if told is UNSET:
        if since and call.now - since <= FRESH:
            return
        wanted = "A new password needs the current one here, unless you have just logged in."
        raise Invalid(Fault(wanted, pointer="/currentPassword"))
    with counted(call, user.username):
        if not verify(told, user.password_hash):
            raise Invalid(Fault("This is not the current password.", pointer="/currentPassword"))


USERS_NOUN = Users()
