"""Create the first owner of a deployed stage, once, with the AWS credentials of the operator.

Usage: ``.venv/bin/python -m tools.ops.create_owner --table NAME [--region REGION] [--username owner]``
"""

from __future__ import annotations

import argparse
import secrets
from datetime import UTC, datetime

from api.services.accounts import claim_first_owner, get_first_owner
from api.store.client import open_table
from api.store.documents import UnreadableDocument
from api.store.table import Table
from tools.cli import CliError, echo, run_main
from tools.region import add_region_option
from tools.tables import table_exists, table_settings

PASSWORD_BYTES = 18


def main() -> None:
    """Create the owner and print the password, which is not stored anywhere."""
    arguments = _arguments()
    settings = table_settings(arguments.table, arguments.region)
    table = open_table(settings)
    if not table_exists(table.client, table.name):
        raise CliError(f"There is no table called {table.name} in {settings.region}.")
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    if not claim_first_owner(table, arguments.username, password, datetime.now(UTC)):
        owner = _get_first_owner(table)
        raise CliError(
            f"The first owner of {table.name} is {owner}. Nothing was changed."
            if owner
            else f"There is already a user called {arguments.username}. Choose another name with --username."
        )
    echo(f"The owner of {table.name} is {arguments.username}. The password is shown only now:\n{password}")


def _get_first_owner(table: Table) -> str | None:
    try:
        return get_first_owner(table)
    except UnreadableDocument:
        raise CliError(
            f"{table.name} has a first owner, whom another release has recorded. To see the name, run "
            "tools.ops.migrate (docs/operations.md). Nothing was changed."
        ) from None


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.ops.create_owner", description="Create the first owner.")
    parser.add_argument("--table", required=True, help="the table: the output TableName of the stack")
    add_region_option(parser)
    parser.add_argument("--username", default="owner", help="the username; default: %(default)s")
    return parser.parse_args()


if __name__ == "__main__":
    run_main(main)
