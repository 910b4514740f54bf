"""API tokens: named bearer tokens for programs. A user creates them in a session."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from api.domain.cat_fields import ShortText
from api.domain.entity import ApiStruct, Timestamp, year_errors
from api.domain.errors import FieldError, InvalidState
from api.domain.texts import text_errors
from api.domain.users import GivenRole, Role, StoredRole

MAX_TOKENS = 20
"""The maximum number of API tokens per user. A new one above it is refused, because a program uses each of them."""
PREFIX = "clowder_"
"""The beginning of every API token, by which secret scanners can find it."""
SECRET_BYTES = 32
MAX_TEXT_LENGTH = 512
"""Longer than any API token: a username has at most 64 characters, each of at most four bytes."""
USE_INTERVAL = timedelta(hours=1)
"""How exact ``last_used`` is. A use is stored at most once in this time."""


class CreateToken(ApiStruct, frozen=True, kw_only=True):
    """The body of ``POST /tokens``."""

    name: ShortText
    """What the token is for."""
    role: GivenRole = "member"
    """The most that the token may do: at most your own role. The default is the least role."""
    expires: Timestamp | None = None
    """The time from which the token is invalid; null for a token that does not expire."""


class ApiToken(ApiStruct, frozen=True, kw_only=True):
    """A stored API token. Its id is an HMAC of its text; the text itself is not stored."""

    id: str
    name: str
    role: StoredRole
    created: Timestamp
    expires: Timestamp | None
    """It has no default: a value that a release does not understand must not become a token that never expires."""
    last_used: Timestamp | None = None


class UserTokens(ApiStruct, frozen=True, kw_only=True):
    """The API tokens of a user, oldest first."""

    username: str
    uid: str
    """The tokens belong to this user only, not to a later one with the same username."""
    tokens: tuple[ApiToken, ...]


class TokenView(ApiStruct, frozen=True, kw_only=True):
    """An API token as its user sees it. The id is an HMAC of the token and gives no access."""

    id: str
    name: str
    role: Role
    """The most that the token may do. It never may do more than its user at that time."""
    created: Timestamp
    expires: Timestamp | None
    last_used: Timestamp | None
    """The last use, exact to an hour; null until the token is used."""
    current: bool
    """Whether the token belongs to this request."""


class TokenWithSecret(TokenView, frozen=True, kw_only=True):
    """A new API token with its text. No other response contains the text."""

    token: str


def make_text(username: str, secret: bytes) -> str:
    """Return the text of a token. It contains the username, so that one round trip reads the token and its user."""
    return PREFIX + urlsafe_b64encode(secret + username.encode()).rstrip(b"=").decode()


def username_of(text: str) -> str | None:
    """Return the username in the text of a token, or None. It is not verified."""
    if len(text) > MAX_TEXT_LENGTH:
        return None
    try:
        return urlsafe_b64decode(text.removeprefix(PREFIX) + "==")[SECRET_BYTES:].decode()
    except ValueError:
        return None


def validate(body: CreateToken, now: datetime) -> list[FieldError]:
    """Return the errors of a body whose types are valid."""
    past = FieldError("out_of_range", "expires must be in the future.", pointer="/expires")
    in_past = [past] if body.expires and body.expires <= now else []
    return [*text_errors(body), *(year_errors(body.expires, "/expires") or in_past)]


def valid_tokens(tokens: Sequence[ApiToken], now: datetime) -> tuple[ApiToken, ...]:
    """Return the tokens that have not expired."""
    return tuple(token for token in tokens if token.expires is None or token.expires > now)


def with_token(tokens: Sequence[ApiToken], new: ApiToken, now: datetime) -> tuple[ApiToken, ...]:
    """Return the tokens of a user with a new one, without expired tokens.

    Raises:
        InvalidState: the user has the maximum number of tokens.
    """
    valid = valid_tokens(tokens, now)
    if len(valid) >= MAX_TOKENS:
        raise InvalidState(f"You have {MAX_TOKENS} tokens, and that is the maximum. Revoke one of them first.")
    return (*valid, new)


def with_use(tokens: Sequence[ApiToken], id: str, now: datetime) -> tuple[ApiToken, ...] | None:
    """Return the tokens of a user after the use of one; None if the last stored use is recent."""
    used = next(token for token in tokens if token.id == id)
    if used.last_used and now < used.last_used + USE_INTERVAL:
        return None
    return tuple(replace(token, last_used=now) if token.id == id else token for token in tokens)
