"""Sessions with bearer tokens: ``/sessions`` and ``/sessions/{id}``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from flask import Response
from msgspec import Struct

from api.context import Principal
from api.domain import names
from api.domain.entity import project
from api.domain.sessions import Credentials, Session, SessionView, SessionWithToken, unexpired
from api.domain.tokens import ApiToken
from api.http import preconditions, responses
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters
from api.http.request_body import FORM, JSON, check_content_type
from api.http.resource import RequestContext, Resource, operation
from api.http.schemas import ListOf
from api.http.validation import convert
from api.services.accounts import log_in
from api.services.mappings import SESSION
from api.services.sessions import get_session, get_user_sessions, revoke_session, session_list
from api.store.keys import Key
from api.store.paginator import slice_page
from api.store.transaction import retry_on_conflict

Token = TypeVar("Token", Session, ApiToken)


class SessionList(Resource):
    """The sessions of the caller."""

    path, tag, ignores = "/sessions", "Sessions", ("Idempotency-Key", "Prefer")
    tag_description = "Logins: bearer tokens for programs, and forms for browsers."

    @operation(
        "List sessions",
        id="listSessions",
        role="member",
        has_page=True,
        query=QueryParameters(LIMIT, CURSOR),
        responses={200: ListOf(SessionView)},
    )
    def get(self, request: RequestContext) -> Response:
        """Newest first. A user has at most twenty sessions; another login ends the oldest."""
        context = request.context
        sessions = session_list(get_user_sessions(self.dependencies.table, str(context.principal.username)))
        return respond_newest_first(request, unexpired(sessions, context.now), session_view)

    @operation(
        "Create a session",
        id="createSession",
        role="public",
        needs_session=True,
        uses_caller=False,
        body=Credentials,
        accepts=(JSON, FORM),
        responses={201: SessionWithToken},
        tagged=False,
        error_statuses=(429,),
    )
    def post(self, request: RequestContext) -> Response:
        """Get a bearer token. It is shown once; the table stores only its hash.

        Failed logins are limited per account and per client address. Idempotency-Key and Prefer are ignored, because
        the one would store the token, and the other would lose it.
        """
        check_content_type(request.http, request.operation.accepts)
        preconditions.check_post(request.http)
        data, form = request.body
        return session_response(request, *log_in(request.context, convert(data, Credentials, text=form)))


class SessionItem(Resource):
    """A session of the caller."""

    path, tag = "/sessions/{id}", "Sessions"

    @operation("Get a session", id="getSession", role="member", responses={200: SessionView})
    def get(self, request: RequestContext, id: str) -> Response:
        """404 for a session of another user."""
        record = get_session(request.context, id)
        return request.json(session_view(record.value, request.context.principal), rev=record.rev)

    @operation("Delete a session", id="deleteSession", role="member", needs_session=True, responses={204: None})
    def delete(self, request: RequestContext, id: str) -> Response:
        """The token stops working at once."""

        def attempt() -> Response:
            preconditions.check_write(request.http, get_session(request.context, id).rev)
            revoke_session(request.context, id)
            return responses.no_content()

        return retry_on_conflict(attempt)

    def prefetch(self, **path: str) -> Sequence[Key]:
        """Return the key of the session."""
        return (SESSION.item_key(path["id"]),) if names.is_valid_id(path["id"]) else ()


def session_response(request: RequestContext, session: Session, token: str) -> Response:
    """Respond with a new session and its token. The response is not cached, and has no entity tag."""
    view = project(SessionWithToken, session_view(session, request.context.principal), token=token)
    location = f"{request.http.script_root}/sessions/{session.id}"
    return responses.no_store_response(responses.to_json(view), status=201, Location=location)


def session_view(session: Session, principal: Principal) -> SessionView:
    """Return a session as its user sees it."""
    return project(SessionView, session, current=session.id == principal.session)


def respond_newest_first(
    request: RequestContext, tokens: Sequence[Token], view: Callable[[Token, Principal], Struct]
) -> Response:
    """Respond with a page of the sessions or of the API tokens of the caller, newest first."""
    paginator = request.paginator()
    page = slice_page(tokens, _sort_key, paginator.position, paginator.limit)
    views = [view(token, request.context.principal) for token in page.items]
    body, link = paginator.page_body(views, page.position)
    return request.json(body, private=True, headers=link)


def _sort_key(token: Session | ApiToken) -> str:
    return f"{token.created.isoformat()}#{token.id}"
