"""Opens the sample café on the table that the environment names.

In a process of its own, so that the one that starts all others stays small: they would inherit its peak memory.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

from api.app import create_app
from api.people import ensure_user, issue_token
from api.settings import read_settings
from api.store.client import connect
from tools.seed import seed
from tools.tables import create_table


def main() -> None:
    """Make the table and bring the cats in."""
    settings = read_settings(os.environ)
    table = connect(settings)
    create_table(table.client, table.name)
    now = datetime.now(UTC)
    ensure_user(table, "owner", "owner", None, now)
    seed(create_app(settings, table), issue_token(table, "owner", now, timedelta(minutes=10)), now.date())


if __name__ == "__main__":
    main()
