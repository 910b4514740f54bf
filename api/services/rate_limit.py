"""Rate limits: attempts are counted per window of time, in the table, so that all instances share the counters.

API Gateway can limit requests, but not failed logins of one account. A library would need a store of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from api.context import Context
from api.domain.errors import RateLimited
from api.store import keys
from api.store.transaction import ConditionFailed, Increment

ADDRESS_FACTOR = 10
"""An address may make this many times the attempts of an account, because a whole café may share an address."""


class RateLimit(Struct, frozen=True):
    """The number of attempts that a client or an account may make in a window of time.

    Args:
        name: what is limited.
        who: the client address or the username.
        limit: the number of attempts in a window.
        window: the length of a window in seconds.
    """

    name: str
    who: str
    limit: int
    window: int

    def increment(self, now: datetime, by: int = 1) -> Increment:
        """Return the write that counts an attempt, or takes it back. The key contains a hash of ``who``."""
        number = int(now.timestamp()) // self.window
        key = keys.window_key(self.name, sha256(self.who.encode()).hexdigest(), number)
        return Increment(key, by, (number + 1) * self.window, self.limit if by > 0 else None)

    def error(self, now: datetime) -> RateLimited:
        """Return the error that reports this limit."""
        seconds = self.window - int(now.timestamp()) % self.window
        return RateLimited("Too many attempts. Please wait.", limit=self.limit, window=self.window, retry_after=seconds)


def count_attempt(context: Context, limits: Sequence[RateLimit]) -> None:
    """Count an attempt before it is made, so that concurrent attempts cannot exceed a limit. One round trip.

    Raises:
        RateLimited: a limit is reached; nothing is counted.
    """
    try:
        context.dependencies.table.transact(
            [limit.increment(context.now) for limit in limits], context.dependencies.new_id()
        )
    except ConditionFailed as error:
        raise limits[error.failed[0]].error(context.now) from None


def uncount_writes(context: Context, limits: Sequence[RateLimit]) -> list[Increment]:
    """Return the writes that take a counted attempt back, because it succeeded."""
    return [limit.increment(context.now, by=-1) for limit in limits]


def login_limits(context: Context, username: str) -> list[RateLimit]:
    """Return the limits of logins: per account and per client address."""
    settings = context.dependencies.settings
    account = RateLimit("login-account", username, settings.login_tries, settings.login_window_seconds)
    return [account, address_limit(context, "login-address")]


def address_limit(context: Context, name: str) -> RateLimit:
    """Return a limit per client address."""
    settings = context.dependencies.settings
    limit = settings.login_tries * ADDRESS_FACTOR
    return RateLimit(name, str(context.client_address), limit, settings.login_window_seconds)


@contextmanager
def limited_login(context: Context, username: str) -> Iterator[None]:
    """Count the block as a failed login unless it succeeds.

    Raises:
        RateLimited: the account or the client address has failed too often.
    """
    limits = login_limits(context, username)
    count_attempt(context, limits)
    yield
    context.dependencies.table.transact(uncount_writes(context, limits), context.dependencies.new_id())
