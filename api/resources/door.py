"""The door: who comes in, and with what proof. Sessions, the login page and new passwords all pass here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from flask import Request, Response

from api.domain.errors import Unauthenticated
from api.domain.kept import copied
from api.domain.passwords import outdated, verify
from api.domain.sessions import Credentials, NewSession, Session, SessionView
from api.domain.users import spelt
from api.http import answers
from api.http.auth import Caller, who_calls
from api.http.resource import Authenticate, Call, Prefetched
from api.http.services import Services
from api.http.throttle import Throttle
from api.people import admit, find, hashed
from api.store import keys
from api.store.keys import Key
from api.store.write import settle
from api.tokens import SESSIONS, token_id

ADDRESS_FACTOR = 10
"""An address may try so many times as often as an account: a whole café sits behind one."""
WRONG = "Invalid username/password"


def authenticator(services: Services) -> Authenticate:
    """Return the function that authenticates requests."""
    sessions = services.records(SESSIONS)

    def authenticate(request: Request, wanted: Sequence[Key]) -> tuple[Caller, Prefetched]:
        prefetched: Prefetched = {}

        def find(tokens: Sequence[str]) -> dict[str, Session]:
            if not tokens:
                return {}  # an anonymous caller reads without the consistency that a session needs
            own = {token: keys.record(SESSIONS.noun, token_id(token)) for token in tokens}
            # DynamoDB refuses a batch that has a key twice.
            asked = {key["pk"]: key for key in (*own.values(), *wanted)}
            items = {str(item["pk"]): item for item in services.table.get_many([*asked.values()], consistent=True)}
            prefetched.update({key["pk"]: items.get(key["pk"]) for key in wanted})
            return {token: sessions.read(items[key["pk"]]).value for token, key in own.items() if key["pk"] in items}

        return who_calls(request, find, services.clock()), prefetched

    return authenticate


def throttle(services: Services, what: str, factor: int = 1) -> Throttle:
    """Return what counts tries of one sort."""
    settings = services.settings
    return Throttle(services.table, what, settings.login_tries * factor, settings.login_window_seconds)


@contextmanager
def counted(call: Call, username: str) -> Iterator[None]:
    """Count a try with a password as a failure of the account and of the address, until it proves to be a good one.

    Raises:
        Throttled: that was one too many.
    """
    counters = [
        (throttle(call.services, "login-account"), username),
        (throttle(call.services, "login-address", ADDRESS_FACTOR), str(call.request.remote_addr)),
    ]
    for counter, who in counters:
        counter.count(who, call.now)
    yield
    for counter, who in counters:
        counter.forgive(who, call.now)


def log_in(call: Call, credentials: Credentials) -> tuple[Session, str]:
    """Open a session and return it with its token.

    An unknown user, a wrong password and somebody who was deactivated take the same time and get the same answer.

    Raises:
        Unauthenticated, Throttled.
    """
    username, table = spelt(credentials.username), call.services.table

    def step() -> tuple[Session, str]:
        user, roster = find(table, username)
        kept = user.value.password_hash if user and user.value.active else None
        if not verify(credentials.password, kept) or user is None or kept is None:
            raise Unauthenticated(f"{WRONG}.")
        fresh = hashed(credentials.password) if outdated(kept) else None
        return admit(table, user, roster, call.now, lifetime(call.services), fresh)

    with counted(call, username):
        return settle(step)


def lifetime(services: Services) -> timedelta:
    """Return how long a session lasts."""
    return timedelta(hours=services.settings.session_hours)


def opened(call: Call, session: Session, token: str) -> Response:
    """Answer a program that has logged in: this once, with the token."""
    view = copied(NewSession, session_view(session, call.caller), token=token)
    location = f"{call.request.script_root}/sessions/{session.id}"
    return answers.fleeting(answers.encoded(view), status=201, Location=location)


def session_view(session: Session, caller: Caller) -> SessionView:
    """Return a session as its owner sees it."""
    return copied(SessionView, session, current=session.id == caller.session)
