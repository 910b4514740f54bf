"""``make -s token``: prints a fresh bearer token for the café that is open on this machine, and nothing else."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Literal, cast, get_args

from api.services.accounts import ensure_user, issue_token
from api.store.client import open_table
from tools.cli import CliError, echo, run_main
from tools.local.data_dir import DataDir, local_settings

LocalRole = Literal["member", "staff", "owner"]


def main() -> None:
    """Print a token for the local user of the role in ROLE; owner, if none is given."""
    role = os.environ.get("ROLE") or "owner"
    if role not in get_args(LocalRole):
        raise CliError(f"ROLE={role} is no role: it is one of {', '.join(get_args(LocalRole))}.")
    folder = DataDir.of(os.environ)
    running = folder.run_info()
    if running is None:
        raise CliError("The café is not open here: open it with make run.")
    cursor_key = folder.cursor_key.read_text(encoding="utf-8").strip()
    place = {"TABLE_NAME": running.table_name, "AWS_REGION": running.region}
    settings = local_settings(os.environ | place, cursor_key, running.dynamodb_url)
    table, now = open_table(settings), datetime.now(UTC)
    ensure_user(table, role, cast(LocalRole, role), None, now)
    echo(issue_token(table, role, now, timedelta(hours=settings.session_hours)))


if __name__ == "__main__":
    run_main(main)
