"""Changes what lies in a table, past the café."""

from __future__ import annotations

from typing import Any

from api.store.table import Table


def delete(table: Table, item: dict[str, Any]) -> None:
    """Remove an item."""
    table.client.delete_item(TableName=table.name, Key={"pk": item["pk"], "sk": item["sk"]})
