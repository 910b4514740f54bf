"""Bearer tokens for programs: ``/sessions`` and ``/sessions/{id}``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Request, Response

from api.domain import names
from api.domain.errors import NotFound, Unauthenticated
from api.domain.passwords import verify
from api.domain.users import Credentials, NewSession, Session, SessionView, open_session
from api.http import answers, conditional
from api.http.auth import Caller, who_calls
from api.http.bodies import FORM, JSON
from api.http.pages import CURSOR, LIMIT
from api.http.queries import Query
from api.http.resource import Call, Resource, operation
from api.http.schemas import ListOf
from api.http.services import Services
from api.http.throttle import Throttle
from api.http.validation import validated
from api.people import SESSIONS, USERS, new_token, token_id
from api.store.keys import Span
from api.store.records import Record

ADDRESS_FACTOR = 10
"""An address may fail so many times as often as an account: a whole café sits behind one."""


def authenticator(services: Services) -> Callable[[Request], Caller]:
    """Return what tells who sent a request."""

    def find(token: str) -> Session | None:
        record = services.records(SESSIONS).get(token_id(token), consistent=True)
        return record.value if record else None

    return lambda request: who_calls(request, find, services.clock())


def _view(session: Session, caller: Caller) -> SessionView:
    return SessionView(
        id=session.id,
        username=session.username,
        role=session.role,
        created=session.created,
        expires=session.expires,
        current=session.id == caller.session,
    )


class SessionList(Resource):
    """The caller's own sessions."""

    path, tag, ignores = "/sessions", "Sessions", ("Idempotency-Key", "Prefer")

    @operation("List my sessions", role="member", query=Query(LIMIT, CURSOR), answers={200: ListOf(SessionView)})
    def get(self, call: Call) -> Response:
        """Newest first; a session that has just been made may be missing for a moment."""
        pager, mine = call.pager(), Span("shelf-by_time", f"sessions#{call.caller.username}", reverse=True)
        page = self.services.records(SESSIONS).page(
            [mine], pager.position, pager.limit, lambda session: session.expires > call.now
        )
        body, link = pager.envelope([_view(session, call.caller) for session in page.items], page.position)
        return call.answer(body, headers=link)

    @operation(
        "Log in",
        role="public",
        body=Credentials,
        accepts=(JSON, FORM),
        answers={201: NewSession},
        tagged=False,
        refuses=(401, 429),
    )
    def post(self, call: Call) -> Response:
        """Get a bearer token. It is shown once; what is kept of it gives no access.

        Failures are counted per account and per address. Neither an Idempotency-Key nor a preference for
        no answer is looked at: the one would keep the token, the other lose it.
        """
        call.check_type()
        call.check_collection()
        data, form = call.body()
        body = validated(data, Credentials, text=form)
        throttles = self._throttles(body.username, call)
        for throttle, who in throttles:
            throttle.count(who, call.now)
        user = self.services.records(USERS).get(body.username, consistent=True)
        if not verify(body.password, user.value.password_hash if user else None) or user is None:
            raise Unauthenticated("Invalid username/password.")
        for throttle, who in throttles:
            throttle.forgive(who, call.now)
        token = new_token()
        lifetime = timedelta(hours=self.services.settings.session_hours)
        session = open_session(user.value, token_id(token), call.now, lifetime)
        self.services.records(SESSIONS).put(session, rev=self.services.new_id())
        view = NewSession(
            **{f: getattr(_view(session, call.caller), f) for f in SessionView.__struct_fields__}, token=token
        )
        location = f"{call.request.script_root}/sessions/{session.id}"
        return answers.fleeting(answers.encoded(view), status=201, Location=location)

    def _throttles(self, username: str, call: Call) -> list[tuple[Throttle, str]]:
        """Return what counts the failures of this account and of this address."""
        settings, table = self.services.settings, self.services.table
        tries, window = settings.login_tries, settings.login_window_seconds
        return [
            (Throttle(table, "login-account", tries, window), username),
            (Throttle(table, "login-address", tries * ADDRESS_FACTOR, window), str(call.request.remote_addr)),
        ]


class SessionItem(Resource):
    """One of the caller's own sessions."""

    path, tag = "/sessions/{id}", "Sessions"

    @operation("Read one session", role="member", answers={200: SessionView})
    def get(self, call: Call, id: str) -> Response:
        """Somebody else's is not there."""
        record = self._mine(call, id)
        return call.answer(_view(record.value, call.caller), rev=record.rev)

    @operation("Revoke a session", role="member", answers={204: None})
    def delete(self, call: Call, id: str) -> Response:
        """Its token ceases to work with this answer."""
        conditional.check(call.request, self._mine(call, id).rev)
        self.services.records(SESSIONS).delete(id)
        return answers.no_content()

    def _mine(self, call: Call, id: str) -> Record[Session]:
        record = self.services.records(SESSIONS).get(id, consistent=True) if names.is_id(id) else None
        if record is None or record.value.username != call.caller.username or record.value.expires <= call.now:
            raise NotFound
        return record
