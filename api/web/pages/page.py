"""What a page knows of its request."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import Any
from urllib.parse import quote, urlencode

from msgspec import Struct

from api.domain.due_dates import local_date
from api.domain.users import ROLE_RANKS, Role

Arguments = tuple[tuple[str, str], ...]


class Page(Struct, frozen=True, kw_only=True):
    """One request for a page."""

    base: str
    """The path of the stage, before every link: ``/dev``, or an empty string."""
    origin: str
    """The URL of the API, with the stage."""
    path: str
    arguments: Arguments
    """The query of the URL, without what the page ignores."""
    username: str | None
    role: Role
    now: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        """The day in the time zone of the café."""
        return local_date(self.now, self.zone)

    @property
    def is_staff(self) -> bool:
        """Whether the page may show what only the staff sees."""
        return self.may("staff")

    def may(self, role: Role) -> bool:
        """Return whether the user has at least a role."""
        return ROLE_RANKS[self.role] >= ROLE_RANKS[role]

    @property
    def url(self) -> str:
        """The absolute URL of the page without its query."""
        return f"{self.origin}{quote(self.path)}"

    def link(self, *segments: str | int) -> str:
        """Return the URL of a path: ``link("cats", "luna")``."""
        return "/".join([self.base, *(quote(str(segment), safe="") for segment in segments)])

    def value(self, name: str) -> str:
        """Return an argument of the query, or an empty string."""
        return dict(self.arguments).get(name, "")

    @property
    def selection(self) -> Arguments:
        """The filters of a list: the query without the order and the page."""
        return tuple(pair for pair in self.arguments if pair[0] not in ("sort", "limit", "cursor"))

    def shortcuts(self, filters: Iterable[tuple[str, Arguments]]) -> list[tuple[str, str, bool]]:
        """Return the links to common filters of a list: the URL, the text, and whether it is the current selection."""
        chosen = set(self.selection)
        return [(self.link_to(self.path, query), text, set(query) == chosen) for text, query in filters]

    def with_arguments(self, **changes: str | None) -> str:
        """Return the URL of the first page of the list with other arguments; None removes one.

        The names of Python have ``__`` for a dot: ``goodWith__children``.
        """
        changed = {name.replace("__", "."): value for name, value in changes.items()}
        others = [(name, value) for name, value in self.arguments if name not in {*changed, "cursor"}]
        return self.link_to(self.path, [*others, *((name, value) for name, value in changed.items() if value)])

    def link_to(self, path: str, arguments: Iterable[tuple[str, str]]) -> str:
        """Return the URL of a path with a query."""
        query = urlencode(list(arguments), safe=",")
        return f"{self.base}{quote(path)}{'?' if query else ''}{query}"

    def common(self) -> dict[str, Any]:
        """Return the variables of every page."""
        return {"page": self, "username": self.username, "is_staff": self.is_staff}
