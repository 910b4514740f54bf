"""Bearer tokens for programs: ``/sessions`` and ``/sessions/{id}``."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response

from api.context import Principal
from api.domain import names
from api.domain.entity import project
from api.domain.errors import NotFound
from api.domain.sessions import Credentials, NewSession, Session, SessionView, unexpired
from api.http import preconditions, responses
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters
from api.http.request_body import FORM, JSON
from api.http.resource import RequestContext, Resource, operation
from api.http.schemas import ListOf
from api.http.validation import convert
from api.services.accounts import log_in
from api.services.mappings import SESSION
from api.services.sessions import get_user_sessions, revoke_session, session_list
from api.store.keys import Key
from api.store.repository import Stored
from api.store.transaction import retry_on_conflict


class SessionList(Resource):
    """The caller's own sessions."""

    path, tag, ignores = "/sessions", "Sessions", ("Idempotency-Key", "Prefer")

    @operation(
        "List my sessions", role="member", query=QueryParameters(LIMIT, CURSOR), answers={200: ListOf(SessionView)}
    )
    def get(self, request: RequestContext) -> Response:
        """Newest first. There are twenty at most: one more login ends the oldest."""
        pager = request.pager()
        there = session_list(get_user_sessions(self.dependencies.table, str(request.context.principal.username)))
        mine = sorted(unexpired(there, request.context.now), key=_place, reverse=True)
        left = [session for session in mine if pager.position is None or _place(session) < pager.position]
        shown = left[: pager.limit]
        position = _place(shown[-1]) if len(left) > len(shown) else None
        body, link = pager.envelope([session_view(session, request.context.principal) for session in shown], position)
        return request.answer(body, headers=link)

    @operation(
        "Log in",
        role="public",
        body=Credentials,
        accepts=(JSON, FORM),
        answers={201: NewSession},
        tagged=False,
        refuses=(401, 429),
    )
    def post(self, request: RequestContext) -> Response:
        """Get a bearer token. It is shown once; what is kept of it gives no access.

        Failures are counted per account and per address. Neither an Idempotency-Key nor a preference for
        no answer is looked at: the one would keep the token, the other lose it.
        """
        request.check_type()
        request.check_collection()
        data, form = request.body()
        return session_response(request, *log_in(request.context, convert(data, Credentials, text=form)))


class SessionItem(Resource):
    """One of the caller's own sessions."""

    path, tag = "/sessions/{id}", "Sessions"

    @operation("Read one session", role="member", answers={200: SessionView})
    def get(self, request: RequestContext, id: str) -> Response:
        """Somebody else's is not there."""
        record = self._mine(request, id)
        return request.answer(session_view(record.value, request.context.principal), rev=record.rev)

    @operation("Revoke a session", role="member", answers={204: None})
    def delete(self, request: RequestContext, id: str) -> Response:
        """Its token ceases to work with this answer."""

        def step() -> Response:
            preconditions.check_write(request.http, self._mine(request, id).rev)
            revoke_session(request.context, id)
            return responses.no_content()

        return retry_on_conflict(step)

    def prefetch(self, **path: str) -> Sequence[Key]:
        """Return the key of the session."""
        return (SESSION.item_key(path["id"]),) if names.is_valid_id(path["id"]) else ()

    def _mine(self, request: RequestContext, id: str) -> Stored[Session]:
        record = request.context.get(SESSION, id) if names.is_valid_id(id) else None
        if (
            record is None
            or record.value.username != request.context.principal.username
            or record.value.expires <= request.context.now
        ):
            raise NotFound
        return record


def session_response(request: RequestContext, session: Session, token: str) -> Response:
    """Respond with a new session and its token. The response is not cached, and has no entity tag."""
    view = project(NewSession, session_view(session, request.context.principal), token=token)
    location = f"{request.http.script_root}/sessions/{session.id}"
    return responses.no_store_response(responses.to_json(view), status=201, Location=location)


def session_view(session: Session, principal: Principal) -> SessionView:
    """Return a session as its owner sees it."""
    return project(SessionView, session, current=session.id == principal.session)


def _place(session: Session) -> str:
    """Return what sessions are listed by."""
    return f"{session.created.isoformat()}#{session.id}"
