"""Tables that fail on every call."""

from __future__ import annotations

from typing import Any

from api.domain.errors import Unavailable
from api.store.table import Table

SECRET = "GetItem TableName=clowder-secret"


class BrokenTable(Table):
    """A table that raises an unexpected error."""

    def _call(self, *_: object) -> Any:
        """Fail with a message that must not reach the client."""
        raise ZeroDivisionError(SECRET)


class UnavailableTable(Table):
    """A table that cannot be reached."""

    def _call(self, *_: object) -> Any:
        """Fail as a call without a connection does."""
        raise Unavailable("The database does not respond. Please try again.")


def replace_table(table: Table, kind: type[Table]) -> Any:
    """Return a table of another class with the client and the name of the table."""
    return kind(table.client, table.name)
