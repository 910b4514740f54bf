"""API tokens for programs: ``/tokens`` and ``/tokens/{id}``."""

from __future__ import annotations

from flask import Response

from api.context import Principal
from api.domain.entity import project
from api.domain.tokens import ApiToken, CreateToken, TokenView, TokenWithSecret
from api.http import preconditions, responses
from api.http.pagination import CURSOR, LIMIT
from api.http.query_params import QueryParameters
from api.http.request_body import FORM, JSON, check_content_type
from api.http.resource import RequestContext, Resource, operation
from api.http.schemas import ListOf
from api.http.validation import convert
from api.resources.sessions import respond_newest_first
from api.services.tokens import create_token, get_token, list_tokens, revoke_token


class TokenList(Resource):
    """The API tokens of the caller."""

    path, tag, ignores = "/tokens", "Tokens", ("Idempotency-Key", "Prefer")
    tag_description = "API tokens for programs. A token may do at most what its user may do."

    @operation(
        "List my API tokens",
        id="listTokens",
        role="member",
        has_page=True,
        query=QueryParameters(LIMIT, CURSOR),
        responses={200: ListOf(TokenView)},
    )
    def get(self, request: RequestContext) -> Response:
        """Newest first. Expired tokens are not listed."""
        return respond_newest_first(request, list_tokens(request.context), token_view)

    @operation(
        "Create an API token",
        id="createToken",
        role="member",
        needs_session=True,
        body=CreateToken,
        accepts=(JSON, FORM),
        responses={201: TokenWithSecret},
        tagged=False,
        error_statuses=(409,),
    )
    def post(self, request: RequestContext) -> Response:
        """The token is shown once; the table stores only its hash. A user has at most twenty tokens.

        It may do at most what its role allows, and never more than its user at that time. Idempotency-Key and Prefer
        are ignored, because the one would store the token, and the other would lose it.
        """
        check_content_type(request.http, request.operation.accepts)
        preconditions.check_post(request.http)
        data, form = request.body
        token, text = create_token(request.context, convert(data, CreateToken, text=form))
        view = project(TokenWithSecret, token_view(token, request.context.principal), token=text)
        location = f"{request.http.script_root}/tokens/{token.id}"
        return responses.no_store_response(responses.to_json(view), status=201, Location=location)


class TokenItem(Resource):
    """An API token of the caller."""

    path, tag = "/tokens/{id}", "Tokens"

    @operation("Get an API token", id="getToken", role="member", responses={200: TokenView})
    def get(self, request: RequestContext, id: str) -> Response:
        """404 for a token of another user."""
        token = get_token(request.context, id)
        return request.json(token_view(token, request.context.principal), rev=id)

    @operation("Delete an API token", id="deleteToken", role="member", responses={204: None})
    def delete(self, request: RequestContext, id: str) -> Response:
        """The token stops working at once. A token can revoke itself; to revoke another one, log in."""
        principal = request.context.principal
        token = get_token(request.context, id)
        if principal.token != token.id:
            principal.require_session()
        # A token does not change, except for its last use. So its id is its version.
        preconditions.check_write(request.http, token.id)
        revoke_token(request.context, token.id)
        return responses.no_content()


def token_view(token: ApiToken, principal: Principal) -> TokenView:
    """Return an API token as its user sees it."""
    return project(TokenView, token, current=token.id == principal.token)
