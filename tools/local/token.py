"""``make -s token``: print a new bearer token for the running development server, and nothing else."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Literal, cast, get_args

from api.services.accounts import ensure_user, issue_token
from api.store.client import open_table
from tools.cli import CliError, echo, run_main
from tools.local.data_dir import DataDir

LocalRole = Literal["member", "staff", "owner"]


def main() -> None:
    """Print a token for a local user with the role in ROLE, by default owner. The username is the role."""
    role = os.environ.get("ROLE") or "owner"
    if role not in get_args(LocalRole):
        raise CliError(f"ROLE={role} is not a role: use one of {', '.join(get_args(LocalRole))}.")
    data_dir = DataDir.of(os.environ)
    settings = data_dir.settings_of(data_dir.require_run_info(), os.environ)
    table, now = open_table(settings), datetime.now(UTC)
    ensure_user(table, role, cast(LocalRole, role), None, now)
    echo(issue_token(table, settings.cursor_key, role, now, timedelta(hours=settings.session_hours)))


if __name__ == "__main__":
    run_main(main)
