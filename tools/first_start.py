"""What the first start makes: the table, the owner, the sample. A first start that was cut off is finished later."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta

from flask import Flask

from api.people import claim_first_owner, issue_token
from api.store.table import Table
from tools.local import Folder
from tools.seed import seed
from tools.tables import create_table, table_exists

OWNER = "owner"
PASSWORD_BYTES = 12
LIFETIME = timedelta(minutes=10)


def first_start(app: Flask, table: Table, folder: Folder, store: str) -> str | None:
    """Make a new café where there is none yet.

    Args:
        app: serves the requests of the sample.
        table: where the café is kept.
        folder: keeps the owner's password, and the note that a first start is not finished.
        store: tells this DynamoDB from another one that the same folder was used with.

    Returns:
        The owner's password, if the café is new.
    """
    since = _begun(folder, store)
    if since is None:
        if table_exists(table.client, table.name):
            return None
        since = datetime.now(UTC).date()
        folder.unfinished.write_text(f"{since.isoformat()} {store}", encoding="utf-8")
    create_table(table.client, table.name)
    password = folder.secret(folder.password, lambda: secrets.token_urlsafe(PASSWORD_BYTES))
    now = datetime.now(UTC)
    claim_first_owner(table, OWNER, password, now)
    seed(app, issue_token(table, OWNER, now, LIFETIME), since)
    folder.unfinished.unlink()
    return password


def _begun(folder: Folder, store: str) -> date | None:
    """Return the day of a first start of this store that was not finished."""
    try:
        day, of = folder.unfinished.read_text(encoding="utf-8").split(" ", 1)
        return date.fromisoformat(day) if of == store else None
    except (OSError, ValueError):
        return None
