"""Counts failures per caller in a fixed window of time, in the table, so that all instances count together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from api.context import Context, Dependencies
from api.domain.errors import RateLimited
from api.store.keys import Key
from api.store.table import Table


class RateLimiter(Struct, frozen=True):
    """How often something may fail.

    Args:
        table: where counters are kept.
        what: what is tried.
        limit: how many failures a window has.
        window: its length in seconds.
    """

    table: Table
    what: str
    limit: int
    window: int

    def hit(self, who: str, now: datetime) -> None:
        """Count a try as a failure, before it is made: of many at once, none slips through.

        Raises:
            RateLimited: that was one too many; it is not to be carried out.
        """
        key, ends = self._window(who, now)
        if self.table.increment(key, 1, expires=ends) > self.limit:
            wait = max(1, ends - int(now.timestamp()))
            raise RateLimited("Too many tries; please wait.", limit=self.limit, window=self.window, retry_after=wait)

    def undo(self, who: str, now: datetime) -> None:
        """Take a count back: the try was a good one."""
        key, ends = self._window(who, now)
        self.table.increment(key, -1, expires=ends)

    def _window(self, who: str, now: datetime) -> tuple[Key, int]:
        """The key bears a hash: the counters are no list of who tried to log in from where."""
        number = int(now.timestamp()) // self.window
        key = {"pk": f"rate_limits#{self.what}#{sha256(who.encode()).hexdigest()}", "sk": str(number)}
        return key, (number + 1) * self.window


ADDRESS_FACTOR = 10
"""An address may try so many times as often as an account: a whole café sits behind one."""


def limiter(dependencies: Dependencies, what: str, factor: int = 1) -> RateLimiter:
    """Return the limiter of one sort of tries."""
    settings = dependencies.settings
    return RateLimiter(dependencies.table, what, settings.login_tries * factor, settings.login_window_seconds)


@contextmanager
def limited_login(context: Context, username: str) -> Iterator[None]:
    """Count a try with a password as a failure of the account and of the address, unless it succeeds.

    Raises:
        RateLimited: that was one too many.
    """
    counters = [
        (limiter(context.dependencies, "login-account"), username),
        (limiter(context.dependencies, "login-address", ADDRESS_FACTOR), str(context.client_address)),
    ]
    for counter, who in counters:
        counter.hit(who, context.now)
    yield
    for counter, who in counters:
        counter.undo(who, context.now)
