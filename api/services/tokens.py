"""API tokens: create, list, use and revoke them.

The tokens of a user are one item. The text of a token has the username, so that a request reads this item and the user
in one round trip, as it reads a session. What a token may do follows from the user at that moment: a lower role applies
at once, and a token of a deactivated or deleted user is invalid, whichever release changed the user.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from api.context import Context, Prefetched, Principal
from api.domain import tokens
from api.domain.errors import Forbidden, NotFound, Unauthenticated, ValidationFailed
from api.domain.sessions import keyed_id
from api.domain.tokens import ApiToken, CreateToken, UserTokens
from api.domain.users import has_role, is_smoke_test, lower_role
from api.services.mappings import SESSION, USER, USER_TOKENS
from api.services.rate_limit import log_event
from api.store.keys import Key
from api.store.repository import Stored, get_together
from api.store.table import Table
from api.store.transaction import TransactItem, retry_on_conflict


def token_keys(text: str) -> list[Key]:
    """Return the keys of the user and of the token list that the text of a token names; none if it is malformed."""
    username = tokens.username_of(text)
    return [] if username is None else [USER.item_key(username), USER_TOKENS.item_key(username)]


def token_principal(table: Table, secret: str, text: str, items: Prefetched, now: datetime) -> Principal | None:
    """Return the caller with an API token, and store its use; None if the token is invalid.

    Args:
        table: the table.
        secret: the secret of the server.
        text: the text of the token.
        items: the items of ``token_keys``.
        now: the current time.
    """
    user_item, list_item = [items[key["pk"]] for key in token_keys(text)] or (None, None)
    user = USER.try_read(user_item) if user_item else None
    record = USER_TOKENS.try_read(list_item) if list_item else None
    if user is None or not user.value.active or record is None or record.value.uid != user.value.uid:
        return None
    token = _by_id(tokens.valid_tokens(record.value.tokens, now)).get(keyed_id(secret, "tokens", text))
    if token is None:
        return None
    if after := tokens.with_use(record.value.tokens, token.id, now):
        # A lost race or an error is ignored: the next request tries again.
        used = replace(record.value, tokens=after)
        table.try_replace(USER_TOKENS.replace(record, used, secrets.token_urlsafe(12)))
    role = lower_role(token.role, user.value.role)
    return Principal(user.value.username, user.value.uid, role, token=token.id)


def _by_id(all_tokens: Sequence[ApiToken]) -> Mapping[str, ApiToken]:
    return {token.id: token for token in all_tokens}


def create_token(context: Context, body: CreateToken) -> tuple[ApiToken, str]:
    """Create an API token of the principal, who has a session, and return it with its text.

    Raises:
        ValidationFailed, Forbidden, InvalidState, Unauthenticated: see ``new_token`` and ``plan_token``.
    """
    token, text = new_token(context, body)

    def attempt() -> None:
        rev, writes = plan_token(context, token)
        context.dependencies.table.transact(writes, rev)

    retry_on_conflict(attempt)
    log_token(context, token)
    return token, text


def new_token(context: Context, body: CreateToken) -> tuple[ApiToken, str]:
    """Return a new API token of the principal with its text. It is not stored.

    Raises:
        ValidationFailed: the name or the expiry is invalid.
        Forbidden: the user expires, because the tokens would not.
    """
    if errors := tokens.validate(body, context.now):
        raise ValidationFailed(*errors)
    username = str(context.principal.username)
    if is_smoke_test(username, context.principal.role):
        raise Forbidden("The user of a smoke test has no API tokens.")
    text = tokens.make_text(username, secrets.token_bytes(tokens.SECRET_BYTES))
    token_id = keyed_id(context.dependencies.settings.cursor_key, "tokens", text)
    expires = body.expires and body.expires.astimezone(UTC)
    return ApiToken(id=token_id, name=body.name, role=body.role, created=context.now, expires=expires), text


def plan_token(context: Context, token: ApiToken) -> tuple[str, list[TransactItem]]:
    """Return the id of the write that stores a new token, and the writes of the transaction.

    It checks that the session has not changed. A lower role, a new password, a logout and a deletion change it or end
    it, so that no token is created after them.

    Raises:
        Forbidden: the role is above that of the user.
        InvalidState: the user has too many tokens.
        Unauthenticated: the session has ended.
    """
    table, username = context.dependencies.table, str(context.principal.username)
    session, before = get_together(table, (SESSION, str(context.principal.session)), (USER_TOKENS, username))
    if session is None:
        raise Unauthenticated("Your session has ended.")
    if not has_role(session.value.role, token.role):
        raise Forbidden(f"A token has at most your own role, {session.value.role}.")
    uid = session.value.uid
    old = before.value.tokens if before and before.value.uid == uid else ()
    all_tokens = tokens.with_token(old, token, context.now)
    rev = context.dependencies.new_id()
    after = UserTokens(username=username, uid=uid, tokens=all_tokens)
    write = USER_TOKENS.replace(before, after, rev) if before else USER_TOKENS.put(after, rev, None)
    return rev, [SESSION.check(session), write]


def log_token(context: Context, token: ApiToken) -> None:
    """Log that a token was created."""
    log_event(context, "token created", str(context.principal.username), token=token.id, role=token.role)


def list_tokens(context: Context) -> tuple[ApiToken, ...]:
    """Return the tokens of the principal that have not expired, oldest first."""
    record = _own_tokens(context)
    return tokens.valid_tokens(record.value.tokens, context.now) if record else ()


def get_token(context: Context, id: str) -> ApiToken:
    """Return a token of the principal.

    Raises:
        NotFound: it is unknown, has expired, or is the token of another user.
    """
    token = _by_id(list_tokens(context)).get(id)
    if token is None:
        raise NotFound
    return token


def revoke_token(context: Context, id: str) -> None:
    """Delete a token of the principal. It stops working at once.

    Raises:
        NotFound: it is unknown, has expired, or is the token of another user.
    """

    def attempt() -> None:
        record = _own_tokens(context)
        before = tokens.valid_tokens(record.value.tokens, context.now) if record else ()
        if record is None or id not in _by_id(before):
            raise NotFound
        remaining, rev = tuple(token for token in before if token.id != id), context.dependencies.new_id()
        context.dependencies.table.transact([_list_write(record, remaining, rev)], rev)

    retry_on_conflict(attempt)
    log_event(context, "token revoked", str(context.principal.username), token=id)


def _list_write(record: Stored[UserTokens], remaining: tuple[ApiToken, ...], rev: str) -> TransactItem:
    if not remaining:
        return USER_TOKENS.delete(record.value.username, record.rev)
    return USER_TOKENS.replace(record, replace(record.value, tokens=remaining), rev)


def _own_tokens(context: Context) -> Stored[UserTokens] | None:
    """Return the token list of the principal, or None."""
    principal = context.principal
    record = USER_TOKENS.get(context.dependencies.table, str(principal.username), consistent=True)
    return record if record and record.value.uid == principal.uid else None
