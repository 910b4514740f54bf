"""Create the table, fill it with the sample data and more cats, and print a session token of a staff member.

This runs in its own process. It imports the whole application, and the process that starts the workers stays small.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime, timedelta

from api.app import create_app
from api.services.accounts import issue_token
from api.settings import read_settings
from api.store.client import open_table
from bench.workloads import EXTRA_CATS, UPDATED_CAT, cat_body
from tools.cli import CliError
from tools.local.seed import seed
from tools.tables import create_table


def main() -> None:
    """Create and fill the table that the environment names."""
    settings, now = read_settings(os.environ), datetime.now(UTC)
    table = open_table(settings)
    create_table(table.client, table.name)
    seed(settings, table, now)
    token = issue_token(table, settings.cursor_key, "priya", now, timedelta(days=1))
    client = create_app(settings, table).test_client(use_cookies=False)
    logging.disable(logging.INFO)
    for chip, name in enumerate((UPDATED_CAT, *EXTRA_CATS)):
        response = client.put(f"/cats/{name}", json=cat_body(chip), headers={"Authorization": f"Bearer {token}"})
        if response.status_code != 201:
            raise CliError(f"The cat {name} could not be created: {response.text}")
    print(token)


if __name__ == "__main__":
    main()
