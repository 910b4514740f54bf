"""What every room of HTTP and every resource is given: nothing is global, a test can give its own."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from api.settings import Settings
from api.store.records import Kind, Records
from api.store.table import Table


def utc_now() -> datetime:
    """Return this instant in UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """Return a random name of 16 URL-safe characters, without a dot: it is a part of entity tags."""
    return secrets.token_urlsafe(12)


class Services(Struct, frozen=True):
    """Settings, the table, time and randomness."""

    settings: Settings
    table: Table
    clock: Callable[[], datetime] = utc_now
    new_id: Callable[[], str] = new_id
    document: Callable[[], dict[str, Any]] = dict
    """Returns the OpenAPI document."""
    _records: dict[str, Records[Any]] = {}

    def records(self, kind: Kind[Any]) -> Records[Any]:
        """Return the things of a kind; made once in the life of a process."""
        if kind.noun not in self._records:
            self._records[kind.noun] = Records(self.table, kind)
        return self._records[kind.noun]
