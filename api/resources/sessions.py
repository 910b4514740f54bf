"""Bearer tokens for programs: ``/sessions`` and ``/sessions/{id}``."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from api.domain import names
from api.domain.errors import NotFound
from api.domain.sessions import Credentials, NewSession, Session, SessionView, unexpired
from api.http import preconditions, responses
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters
from api.http.request_body import FORM, JSON
from api.http.resource import Call, Resource, operation
from api.http.schemas import ListOf
from api.http.validation import convert
from api.resources.door import log_in, opened, session_view
from api.services.mappings import SESSION
from api.services.sessions import delete_session_write, get_user_sessions, session_list, session_list_writes
from api.store.keys import Key
from api.store.repository import Stored
from api.store.transaction import retry_on_conflict


class SessionList(Resource):
    """The caller's own sessions."""

    path, tag, ignores = "/sessions", "Sessions", ("Idempotency-Key", "Prefer")

    @operation(
        "List my sessions", role="member", query=QueryParameters(LIMIT, CURSOR), answers={200: ListOf(SessionView)}
    )
    def get(self, call: Call) -> Response:
        """Newest first. There are twenty at most: one more login ends the oldest."""
        pager = call.pager()
        there = session_list(get_user_sessions(self.services.table, str(call.caller.username)))
        mine = sorted(unexpired(there, call.now), key=_place, reverse=True)
        left = [session for session in mine if pager.position is None or _place(session) < pager.position]
        shown = left[: pager.limit]
        position = _place(shown[-1]) if len(left) > len(shown) else None
        body, link = pager.envelope([session_view(session, call.caller) for session in shown], position)
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
        return opened(call, *log_in(call, convert(data, Credentials, text=form)))


class SessionItem(Resource):
    """One of the caller's own sessions."""

    path, tag = "/sessions/{id}", "Sessions"

    @operation("Read one session", role="member", answers={200: SessionView})
    def get(self, call: Call, id: str) -> Response:
        """Somebody else's is not there."""
        record = self._mine(call, id)
        return call.answer(session_view(record.value, call.caller), rev=record.rev)

    @operation("Revoke a session", role="member", answers={204: None})
    def delete(self, call: Call, id: str) -> Response:
        """Its token ceases to work with this answer."""

        def step() -> Response:
            preconditions.check_write(call.request, self._mine(call, id).rev)
            revoke(call, id)
            return responses.no_content()

        return retry_on_conflict(step)

    def prefetch(self, **path: str) -> Sequence[Key]:
        """Return the key of the session."""
        return (SESSION.item_key(path["id"]),) if names.is_valid_id(path["id"]) else ()

    def _mine(self, call: Call, id: str) -> Stored[Session]:
        record = call.context.get(SESSION, id) if names.is_valid_id(id) else None
        if record is None or record.value.username != call.caller.username or record.value.expires <= call.now:
            raise NotFound
        return record


def revoke(call: Call, id: str) -> None:
    """End one session of the caller."""
    table, username = call.services.table, str(call.caller.username)
    there = get_user_sessions(table, username)
    kept = [session for session in unexpired(session_list(there), call.now) if session.id != id]
    rev = call.services.new_id()
    # Named besides: a session that stands in no roster ends all the same.
    named = [] if id in {one.id for one in session_list(there)} else [delete_session_write(id)]
    table.transact([*session_list_writes(username, there, kept, rev), *named], rev)


def _place(session: Session) -> str:
    """Return what sessions are listed by."""
    return f"{session.created.isoformat()}#{session.id}"
