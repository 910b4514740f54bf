"""What the first start makes: the table, the owner, the sample. A first start that was cut off is finished later."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from api.services.accounts import claim_first_owner
from api.settings import Settings
from api.store.table import Table
from tools.local.data_dir import DataDir
from tools.local.seed import seed
from tools.tables import create_table, table_exists

OWNER = "owner"
PASSWORD_BYTES = 12


def bootstrap(settings: Settings, table: Table, folder: DataDir, store: str) -> str | None:
    """Make a new café where there is none yet.

    Args:
        settings: those of the café.
        table: where the café is kept.
        folder: keeps the owner's password, and the note that a first start is not finished.
        store: tells this DynamoDB from another one that the same folder was used with.

    Returns:
        The owner's password, if the café is new.
    """
    since = pending_since(folder, store)
    if since is None:
        if table_exists(table.client, table.name):
            return None
        since = datetime.now(UTC).replace(microsecond=0)
        folder.unfinished.write_text(f"{since.isoformat()} {store}", encoding="utf-8")
    create_table(table.client, table.name)
    password = folder.secret_file(folder.password, lambda: secrets.token_urlsafe(PASSWORD_BYTES))
    claim_first_owner(table, OWNER, password, datetime.now(UTC))
    seed(settings, table, since)
    folder.unfinished.unlink()
    return password


def pending_since(folder: DataDir, store: str) -> datetime | None:
    """Return when a first start of this store began that is not finished."""
    try:
        since, of = folder.unfinished.read_text(encoding="utf-8").split(" ", 1)
        return datetime.fromisoformat(since).replace(tzinfo=UTC) if of == store else None
    except (OSError, ValueError):
        return None
