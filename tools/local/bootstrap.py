"""Creates the table, the owner and the sample data at the first start. A later start completes an interrupted one."""

from __future__ import annotations

from datetime import UTC, datetime

from api.services.accounts import claim_first_owner
from api.settings import Settings
from api.store.table import Table
from tools.cli import CliError
from tools.local.data_dir import DataDir
from tools.local.seed import seed
from tools.tables import create_table, has_current_indexes, table_exists

OWNER = "owner"
PASSWORD_BYTES = 12
EMULATOR_DATABASE = "engine"
"""Identifies the emulator in the marker of an unfinished first start; another DynamoDB is identified by its URL."""


def bootstrap(settings: Settings, table: Table, data_dir: DataDir, database: str) -> str | None:
    """Create the table, the owner and the sample data, unless the table exists.

    Args:
        settings: the settings of the server.
        table: the table to create.
        data_dir: stores the owner's password and the marker of an unfinished first start.
        database: identifies the DynamoDB, because one data directory can be used with several.

    Returns:
        The owner's password, or None if the table existed.

    Raises:
        CliError: the table was created by an earlier version.
    """
    since = pending_since(data_dir, database)
    if since is None:
        if table_exists(table.client, table.name):
            if not has_current_indexes(table.client, table.name):
                advice = "delete it" if settings.dynamodb_url == database else f"remove {data_dir.path}"
                raise CliError(f"The table {table.name} has the indexes of another version: {advice} and start again.")
            return None
        since = datetime.now(UTC).replace(microsecond=0)
        data_dir.unfinished.write_text(f"{since.isoformat()} {database}", encoding="utf-8")
    create_table(table.client, table.name)
    password = data_dir.secret_file(data_dir.password, PASSWORD_BYTES)
    claim_first_owner(table, OWNER, password, datetime.now(UTC))
    seed(settings, table, since)
    data_dir.unfinished.unlink()
    return password


def pending_since(data_dir: DataDir, database: str) -> datetime | None:
    """Return the time of the first start on this database that did not finish."""
    try:
        since, marked = data_dir.unfinished.read_text(encoding="utf-8").split(" ", 1)
        return datetime.fromisoformat(since).replace(tzinfo=UTC) if marked == database else None
    except (OSError, ValueError):
        return None
