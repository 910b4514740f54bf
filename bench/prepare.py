"""Opens the sample café on the table that the environment names.

In a process of its own, so that the one that starts all others stays small: they would inherit its peak memory.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

from api.settings import read_settings
from api.store.client import connect
from tools.seed import seed
from tools.tables import create_table


def main() -> None:
    """Make the table and tell the sample's story."""
    settings = read_settings(os.environ)
    table = connect(settings)
    create_table(table.client, table.name)
    seed(settings, table, datetime.now(UTC))


if __name__ == "__main__":
    main()
