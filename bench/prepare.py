"""Opens the sample café on the table that the environment names, with some guests, and prints a token of the staff.

In a process of its own: it needs all of the café, and the one that starts all others should stay small.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime, timedelta

from api.app import create_app
from api.services.accounts import issue_token
from api.settings import read_settings
from api.store.client import open_table
from bench.workloads import CHANGED, GUESTS, cat
from tools.cli import CliError
from tools.local.seed import seed
from tools.tables import create_table


def main() -> None:
    """Make the table, tell the sample's story, and let the guests in."""
    settings, now = read_settings(os.environ), datetime.now(UTC)
    table = open_table(settings)
    create_table(table.client, table.name)
    seed(settings, table, now)
    token = issue_token(table, "priya", now, timedelta(days=1))
    client = create_app(settings, table).test_client(use_cookies=False)
    logging.disable(logging.INFO)
    for name in (*GUESTS, CHANGED):
        answer = client.put(f"/cats/{name}", json=cat(), headers={"Authorization": f"Bearer {token}"})
        if answer.status_code != 201:
            raise CliError(f"{name} could not come in: {answer.text}")
    print(token)


if __name__ == "__main__":
    main()
