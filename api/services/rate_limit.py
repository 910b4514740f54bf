"""Rate limits: attempts are counted per window of time, in the table, so that all instances share the counters.

A wrong password is counted after it was verified, and before the client learns the result. A right password checks the
same counters in the transaction that it leads to. So the results of concurrent attempts are those of attempts one after
the other: at most ``limit`` wrong passwords get an answer, and right passwords are not counted.

A device that has logged in before has limits of its own, so that strangers cannot lock it out: the device cookie of
https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies.

API Gateway can limit requests, but not failed logins of one account. A library would need a store of its own.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import cast

from msgspec import Struct

from api.context import Context, Quota
from api.domain.errors import RateLimited
from api.store import keys
from api.store.keys import Item, Key
from api.store.repository import get_items
from api.store.transaction import ConditionFailed, CounterCheck, Increment

log = logging.getLogger("clowder")

FACTOR = 10
"""An address may make this many times the attempts of an account, because a whole café may share an address."""
SLOW_WINDOWS = 12
"""The limit of an account for all addresses together has a window of this many windows."""
IPV6_PREFIX = 64
"""The bits of an IPv6 address that a provider gives to one customer. The customer chooses the other bits."""


class RateLimit(Struct, frozen=True):
    """The number of attempts that a client or an account may make in a window of time.

    Args:
        name: what is limited.
        who: the client address, the username, or both.
        limit: the number of attempts in a window.
        window: the length of a window in seconds.
    """

    name: str
    who: str
    limit: int
    window: int

    def key(self, now: datetime) -> Key:
        """Return the key of the counter. It contains a hash of ``who``."""
        return keys.window_key(self.name, sha256(self.who.encode()).hexdigest(), int(now.timestamp()) // self.window)

    def increment(self, now: datetime) -> Increment:
        """Return the write that counts an attempt, if the limit is not reached."""
        expires = (int(now.timestamp()) // self.window + 1) * self.window
        return Increment(self.key(now), expires, self.limit)

    def check(self, now: datetime) -> CounterCheck:
        """Return the check that the limit is not reached."""
        return CounterCheck(self.key(now), self.limit)

    def seconds_left(self, now: datetime) -> int:
        """Return the seconds until the window ends."""
        return self.window - int(now.timestamp()) % self.window


def note_counts(context: Context, limits: Sequence[RateLimit], items: Mapping[str, Item | None]) -> None:
    """Note the counts of some limits, so that the response shows them.

    Args:
        context: the request.
        limits: the limits.
        items: the counters by their partition keys.
    """
    for limit in limits:
        item = items[limit.key(context.now)["pk"]]
        _note(context, limit, cast(int, item["count"]) if item else 0)


def count_attempt(context: Context, limits: Sequence[RateLimit]) -> None:
    """Count an attempt for all limits, and note the counts.

    A transaction does not return the counts. So those of several limits are read before, unless they have been noted.

    Raises:
        RateLimited: a limit is reached; nothing is counted.
    """
    table, quotas = context.dependencies.table, context.quotas
    increments = [limit.increment(context.now) for limit in limits]
    try:
        if len(increments) == 1:
            _note(context, limits[0], table.count(increments[0]))
            return
        if not quotas.keys() >= {*limits}:
            note_counts(context, limits, get_items(table, [increment.item for increment in increments]))
        table.transact(increments, context.dependencies.new_id())
    except ConditionFailed as error:
        raise _exceeded(context, limits[error.failed[0]]) from None
    for limit in limits:
        _note(context, limit, quotas[limit].count + 1)


def _note(context: Context, limit: RateLimit, count: int) -> None:
    context.quotas[limit] = Quota(limit.limit, limit.window, count, limit.seconds_left(context.now))


def _exceeded(context: Context, limit: RateLimit) -> RateLimited:
    """Return the error of a reached limit."""
    _note(context, limit, limit.limit)
    return RateLimited("Too many attempts. Please wait.", retry_after=limit.seconds_left(context.now))


class LoginLimits:
    """The limits of the failed logins of an account, for the client of a request."""

    def __init__(self, context: Context, username: str) -> None:
        self._context, self._username = context, username
        settings = context.dependencies.settings
        tries, window = settings.login_tries, settings.login_window_seconds
        slow = tries * FACTOR, window * SLOW_WINDOWS
        address = address_key(context.client_address)
        if device := known_device(settings.cursor_key, username, context.device):
            self._limits = [
                RateLimit("login-device", f"{username}\n{device}", tries, window),
                RateLimit("login-devices", username, *slow),
            ]
        else:
            self._limits = [
                RateLimit("login-account-address", f"{username}\n{address}", tries, window),
                RateLimit("login-account", username, *slow),
                address_limit(context, "login-address"),
            ]

    def keys(self) -> list[Key]:
        """Return the keys of the counters."""
        return [limit.key(self._context.now) for limit in self._limits]

    def require(self, items: Mapping[str, Item | None], *, exists: bool) -> None:
        """Check the counters before the work of a verification.

        Args:
            items: the counters by their partition keys.
            exists: whether there is a user of this name.

        Raises:
            RateLimited: a limit is reached.
        """
        note_counts(self._context, self._limits, items)
        for limit in self._limits:
            if self._context.quotas[limit].remaining == 0:
                self._log("login throttled", exists)
                raise _exceeded(self._context, limit)

    def read_and_require(self, others: Sequence[RateLimit]) -> None:
        """Read the counters of a user and check them.

        Args:
            others: other limits, whose counts are read and noted too.

        Raises:
            RateLimited: a limit is reached.
        """
        items = get_items(
            self._context.dependencies.table, [*self.keys(), *(limit.key(self._context.now) for limit in others)]
        )
        note_counts(self._context, others, items)
        self.require(items, exists=True)

    def checks(self) -> list[CounterCheck]:
        """Return the checks for the transaction of a right password."""
        return [limit.check(self._context.now) for limit in self._limits]

    def count_failure(self, *, exists: bool) -> None:
        """Count and log a wrong password.

        Args:
            exists: whether there is a user of this name.

        Raises:
            RateLimited: a limit is reached, so that the client must not learn the result.
        """
        try:
            count_attempt(self._context, self._limits)
        except RateLimited:
            self._log("login throttled", exists)
            raise
        self._log("login failed", exists)

    def _log(self, event: str, exists: bool) -> None:
        """Log a failed login. Without a user of this name, log a keyed hash: some people type their password there."""
        account = self._username
        if not exists:
            secret = self._context.dependencies.settings.cursor_key
            account = "unknown#" + hmac.digest(secret.encode(), f"accounts\n{account}".encode(), "sha256").hex()[:16]
        log_event(self._context, event, account, failed=True)


def password_limits(context: Context) -> list[RateLimit]:
    """Return the limits of a user who changes passwords, because verifying and hashing them is expensive.

    An owner sets the passwords of other users too.
    """
    settings, principal = context.dependencies.settings, context.principal
    tries = settings.login_tries * (FACTOR if principal.may("owner") else 1)
    account = RateLimit("password-account", str(principal.username), tries, settings.login_window_seconds)
    return [account, address_limit(context, "password-address")]


def address_limit(context: Context, name: str) -> RateLimit:
    """Return a limit per client address."""
    settings = context.dependencies.settings
    limit = settings.login_tries * FACTOR
    return RateLimit(name, address_key(context.client_address), limit, settings.login_window_seconds)


def address_key(address: str | None) -> str:
    """Return what counts as one client address: an IPv4 address, or the first 64 bits of an IPv6 address.

    An IPv6 address that contains an IPv4 address (RFC 4291, section 2.5.5.2) is the IPv4 address. A text that is no
    address counts as it is.
    """
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address or "")
    except ValueError:
        return str(address)
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(parsed.ipv4_mapped or IPv6Network((int(parsed), IPV6_PREFIX), strict=False))


def new_device(secret: str, username: str) -> str:
    """Return the value of the device cookie after a login: a random id, and its signature with the username."""
    device = secrets.token_urlsafe(12)
    return f"{device}.{_sign_device(secret, username, device)}"


def known_device(secret: str, username: str, cookie: str | None) -> str | None:
    """Return the id in a device cookie, or None if the server did not sign it for this username."""
    device, _, signature = (cookie or "").partition(".")
    expected = _sign_device(secret, username, device)
    return device if device and hmac.compare_digest(signature.encode(), expected.encode()) else None


def _sign_device(secret: str, username: str, device: str) -> str:
    return hmac.digest(secret.encode(), f"devices\n{device}\n{username}".encode(), "sha256").hex()


def log_event(context: Context, event: str, account: str, *, failed: bool = False, **fields: object) -> None:
    """Log a security event: the account, who caused it, and the client address. Never log a password or a token."""
    about = {"account": account, "by": context.principal.username, "address": context.client_address}
    log.log(logging.WARNING if failed else logging.INFO, event, extra={"fields": {**about, **fields}})
