"""The door: who comes in, and with what proof. Sessions, the login page and new passwords all pass here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import Request, Response

from api.context import Dependencies, Prefetched
from api.context import Principal as Caller
from api.domain.entity import project
from api.domain.errors import Unauthenticated
from api.domain.passwords import needs_rehash, verify
from api.domain.sessions import Credentials, NewSession, Session, SessionView
from api.domain.users import normalise_username
from api.http import responses
from api.http.authentication import authenticate
from api.http.resource import Authenticate, Call
from api.services.accounts import create_session, get_user_with_sessions, hash_new_password
from api.services.rate_limit import limited_login
from api.services.sessions import find_sessions
from api.store.keys import Key
from api.store.transaction import retry_on_conflict

WRONG = "Invalid username/password"


def authenticator(services: Dependencies) -> Authenticate:
    """Return the function that authenticates requests."""

    def find_caller(request: Request, now: datetime, wanted: Sequence[Key]) -> tuple[Caller, Prefetched]:
        prefetched: Prefetched = {}

        def find(tokens: Sequence[str]) -> dict[str, Session]:
            sessions, items = find_sessions(services.table, tokens, wanted)
            prefetched.update(items)
            return sessions

        return authenticate(request, now, find), prefetched

    return find_caller


def log_in(call: Call, credentials: Credentials) -> tuple[Session, str]:
    """Open a session and return it with its token.

    An unknown user, a wrong password and somebody who was deactivated take the same time and get the same answer.

    Raises:
        Unauthenticated, Throttled.
    """
    username, table = normalise_username(credentials.username), call.services.table

    def step() -> tuple[Session, str]:
        user, roster = get_user_with_sessions(table, username)
        kept = user.value.password_hash if user and user.value.active else None
        if not verify(credentials.password, kept) or user is None or kept is None:
            raise Unauthenticated(f"{WRONG}.")
        fresh = hash_new_password(credentials.password) if needs_rehash(kept) else None
        return create_session(table, user, roster, call.now, lifetime(call.services), fresh)

    with limited_login(call.context, username):
        return retry_on_conflict(step)


def lifetime(services: Dependencies) -> timedelta:
    """Return how long a session lasts."""
    return timedelta(hours=services.settings.session_hours)


def opened(call: Call, session: Session, token: str) -> Response:
    """Answer a program that has logged in: this once, with the token."""
    view = project(NewSession, session_view(session, call.caller), token=token)
    location = f"{call.request.script_root}/sessions/{session.id}"
    return responses.no_store_response(responses.to_json(view), status=201, Location=location)


def session_view(session: Session, caller: Caller) -> SessionView:
    """Return a session as its owner sees it."""
    return project(SessionView, session, current=session.id == caller.session)
