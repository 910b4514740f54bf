"""The context of a use case: dependencies, principal, time, and what the principal may see."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from api.domain.due_dates import local_date
from api.domain.entity import WriteContext
from api.domain.errors import Forbidden, Unauthenticated, Unavailable
from api.domain.users import ROLE_RANKS, Role
from api.settings import Settings
from api.store.keys import Item
from api.store.repository import Repository, Stored
from api.store.table import Table

if TYPE_CHECKING:
    from api.store.bucket import Bucket

T = TypeVar("T")
R = TypeVar("R")

Prefetched = dict[str, Item | None]
"""Items that were read together with the session, by their partition keys; None for an item that does not exist."""


def utc_now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a random id of 16 URL-safe characters. It has no dot, because it is a part of entity tags."""
    return secrets.token_urlsafe(12)


def no_pages(operation: str, *_: object, **__: object) -> tuple[str, dict[str, Any]]:
    """Raise an exception: only the application has pages."""
    raise NotImplementedError(operation)


def no_bucket() -> Bucket:
    """Raise an error: there is no bucket.

    Raises:
        Unavailable.
    """
    raise Unavailable("Photos are not available here: the setting PHOTO_BUCKET is missing.")


class Dependencies(Struct, frozen=True):
    """Settings, the table, the clock and randomness. Tests pass their own."""

    settings: Settings
    table: Table
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[], str] = new_id
    document: Callable[[str], bytes] = str.encode
    """Return the OpenAPI document as JSON, with the URL of the API."""
    build_page: Callable[..., tuple[str, dict[str, Any]]] = no_pages
    """Return the template and the context of a page (``api.web.pages.build_page``)."""
    process_cache: dict[str, Any] = {}
    """What the process keeps between requests, for a limited time. ``services`` says what."""
    open_bucket: Callable[[], Bucket] = no_bucket
    """Return the bucket of the photos. Its client is made at the first call."""

    @property
    def session_lifetime(self) -> timedelta:
        """How long a session lasts."""
        return timedelta(hours=self.settings.session_hours)


class Principal(Struct, frozen=True):
    """The caller: a user with a session or an API token, or the public."""

    username: str | None = None
    uid: str = ""
    """The id in references to the user; empty for the public."""
    role: Role = "public"
    session: str | None = None
    """The id of the session of the request."""
    browser: bool = False
    """Whether the session came in a cookie. A browser also sends the cookie with requests from other sites."""
    token: str | None = None
    """The id of the API token of the request."""

    def may(self, needed: Role) -> bool:
        """Return whether the principal has a role, or one above it."""
        return ROLE_RANKS[self.role] >= ROLE_RANKS[needed]

    def require(self, needed: Role) -> None:
        """Check that the principal has a role.

        Raises:
            Unauthenticated, Forbidden.
        """
        if ROLE_RANKS[self.role] < ROLE_RANKS[needed]:
            if self.username is None:
                raise Unauthenticated
            raise Forbidden(f"This needs the role {needed}; yours is {self.role}.")

    def require_session(self) -> None:
        """Check that the principal does not use an API token. A stolen token must not become more than it is.

        Raises:
            Forbidden.
        """
        if self.token is not None:
            raise Forbidden("This needs a session: log in. An API token cannot do it.")


ANONYMOUS = Principal()


class Quota(Struct, frozen=True):
    """What a rate limit leaves to a client. The response shows it in RateLimit and RateLimit-Policy."""

    limit: int
    """The number of attempts in a window."""
    window: int
    """The length of the window in seconds."""
    count: int
    """The attempts in the current window."""
    seconds_left: int
    """The seconds until the window ends."""

    @property
    def remaining(self) -> int:
        """The attempts that are left in the window."""
        return max(self.limit - self.count, 0)


class Context(Struct, frozen=True):
    """The principal, the time and the access of one request."""

    dependencies: Dependencies
    principal: Principal
    now: datetime
    full_access: bool = False
    """Whether the principal may see every entity of the requested type, and all of its fields."""
    private: bool = False
    """Whether responses are for this principal only. They are not cached, and their data is read consistently."""
    client_address: str | None = None
    device: str | None = None
    """The device cookie of the browser, not verified."""
    prefetched: Prefetched = {}
    results: dict[Hashable, Any] = {}
    quotas: dict[Hashable, Quota] = {}
    """What is left of the rate limits that the request met."""
    root: str = ""
    """The path before the paths of the API: the stage of API Gateway, if a URL has it."""

    def once(self, key: Hashable, compute: Callable[[], R]) -> R:
        """Return the result of a function. It runs once for each key, so that a retry does not repeat it."""
        if key not in self.results:
            self.results[key] = compute()
        result: R = self.results[key]
        return result

    @property
    def today(self) -> date:
        """The day in the time zone of the café."""
        return local_date(self.now, self.dependencies.settings.zone)

    def get(self, repository: Repository[T], key: str, *, consistent: bool = True) -> Stored[T] | None:
        """Return an entity, or None. A prefetched entity is returned once; after that the table is read."""
        name = repository.item_key(key)["pk"]
        if name not in self.prefetched:
            return repository.get(self.dependencies.table, key, consistent=consistent)
        item = self.prefetched.pop(name)
        return repository.read(item) if item else repository.absent

    def write_context(self) -> WriteContext:
        """Return the id, the author and the time of a write."""
        return WriteContext(self.dependencies.new_id(), self.principal.uid, self.now, self.dependencies.settings.zone)
