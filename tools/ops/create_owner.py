"""Makes the first owner of a deployed café, once, with the AWS credentials of whoever calls it.

Usage: ``.venv/bin/python -m tools.ops.create_owner --table NAME [--region REGION] [--username owner]``
"""

from __future__ import annotations

import argparse
import os
import secrets
from datetime import UTC, datetime

from api.services.accounts import claim_first_owner, get_first_owner
from api.settings import read_settings
from api.store.client import open_table
from tools.cli import CliError, echo, run_main
from tools.tables import table_exists

PASSWORD_BYTES = 18


def main() -> None:
    """Make the owner and print the password, which is kept nowhere else."""
    told = _arguments()
    place = {"TABLE_NAME": told.table, "AWS_REGION": told.region, "STAGE": "owner"}
    # It signs no cursor, but the settings ask for a key.
    settings = read_settings({**os.environ, **place, "CURSOR_KEY": secrets.token_urlsafe(48)})
    table = open_table(settings)
    if not table_exists(table.client, table.name):
        raise CliError(f"There is no table called {table.name} in {settings.region}.")
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    if not claim_first_owner(table, told.username, password, datetime.now(UTC)):
        there = get_first_owner(table)
        raise CliError(
            f"The first owner of {table.name} is {there}. Nothing was changed."
            if there
            else f"There is somebody called {told.username} already. --username chooses another."
        )
    echo(f"The owner of {table.name} is {told.username}; the password, shown only now:\n{password}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.ops.create_owner", description="Makes the first owner of a deployed café."
    )
    parser.add_argument("--table", required=True, help="name of the table: the stack's output TableName")
    parser.add_argument(
        "--region", default=os.environ.get("AWS_REGION", ""), help="AWS region; AWS_REGION, if it is not given"
    )
    parser.add_argument("--username", default="owner", help="whom to make; owner, if it is not given")
    return parser.parse_args()


if __name__ == "__main__":
    run_main(main)
