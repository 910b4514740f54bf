"""Tables that fail, each in its own way: what a café answers when its store does."""

from __future__ import annotations

from typing import Any

from api.domain.errors import Unavailable
from api.store.table import Table

SECRET = "GetItem TableName=clowder-secret"


class BrokenTable(Table):
    """A table with a fault that nobody has thought of."""

    def _call(self, *_: object) -> Any:
        """Fail, with a message that must not get out."""
        raise ZeroDivisionError(SECRET)


class UnavailableTable(Table):
    """A table that does not answer."""

    def _call(self, *_: object) -> Any:
        """Fail as a table does that is out of reach."""
        raise Unavailable("The store does not answer; please try again.")


def replace_table(table: Table, kind: type[Table]) -> Any:
    """Return a broken table in the place of a good one."""
    return kind(table.client, table.name)
