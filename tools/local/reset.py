"""``make demo-reset``: replace the data of the running development server by the sample data.

All data except the accounts is deleted and the sample data is written again; post numbers start at 1 again. Accounts
keep their passwords and sessions, except the users of the sample data, who are created again.

The server may handle requests at the same time; data that they write may be deleted. After an interrupted reset, run it
again.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from api.services.accounts import get_first_owner
from api.services.mappings import AUTHOR, USER, USER_TOKENS
from api.services.sessions import get_user_sessions, session_list_writes
from api.settings import Settings
from api.store.client import is_loopback, open_table
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, ConditionFailed, TransactItem, retry_on_conflict
from tools.cli import CliError, echo, run_main
from tools.local.bootstrap import EMULATOR_DATABASE, pending_since
from tools.local.data_dir import DataDir
from tools.local.seed import SAMPLE, read_sample, seed
from tools.tables import scan

PRESERVED_COLLECTIONS = frozenset(
    {"users", "authors", "user_sessions", "sessions", "user_tokens", "claims", "rate_limits"}
)
"""The collections of accounts: users, their names, sessions and API tokens, the first owner and the rate limits."""
CHUNK = 25
PASSES = 20


def main() -> None:
    """Reset the data of the running server."""
    data_dir = DataDir.of(os.environ)
    running = data_dir.require_run_info()
    require_local(running.dynamodb_url)
    if pending_since(data_dir, EMULATOR_DATABASE if running.engine_pid else running.dynamodb_url):
        raise CliError("The first start has not finished. Wait until make run prints that the server is running.")
    settings = data_dir.settings_of(running, os.environ)
    with _exclusive_lock(data_dir.path / "reset.lock"):
        echo("Resetting the sample data. If this is interrupted, run it again.")
        counts = reset(settings, open_table(settings), datetime.now(UTC).replace(microsecond=0))
        shutil.rmtree(data_dir.photos, ignore_errors=True)
    summary = ", ".join(f"{count} {collection.replace('todos', 'to-dos')}" for collection, count in counts.items())
    echo(f"The server at {running.url} has the sample data again: {summary}. Other accounts did not change.")


def require_local(dynamodb_url: str) -> None:
    """Check that the database is on this machine, so that a deployed table is never reset.

    Raises:
        CliError: the database is on another host.
    """
    if not is_loopback(dynamodb_url):
        host = urlsplit(dynamodb_url).hostname
        raise CliError(f"The server uses a database at {host}. Only a database on this machine can be reset.")


def reset(settings: Settings, table: Table, since: datetime, sample: Path = SAMPLE) -> dict[str, int]:
    """Delete all data except the accounts, write the sample data, and return the number of entries by collection."""
    usernames = {user["username"] for user in read_sample("users", since, sample)} - {get_first_owner(table)}
    for username in sorted(usernames):
        retry_on_conflict(partial(_end_sessions, table, username))
    samples = [record.value for record in USER.get_many(table, usernames, consistent=True).values()]
    keys = [key for user in samples for key in (USER.item_key(user.username), AUTHOR.item_key(user.uid))]
    keys += [USER_TOKENS.item_key(name) for name in usernames]
    delete_all_but_accounts(table, {key["pk"] for key in keys})
    return seed(settings, table, since, sample)


def delete_all_but_accounts(table: Table, also: set[str]) -> None:
    """Delete all items except those of accounts. The items with the given partition keys are deleted too.

    The table is scanned until no item is left to delete. Counters are deleted last, and only if they have not changed
    since that scan, so that a number is never assigned twice.
    """
    for _ in range(PASSES):
        counters = [item for item in _all_keys(table) if _is_counter(item)]
        items = [item for item in _all_keys(table) if _is_deleted(item["pk"], also) and not _is_counter(item)]
        for first in range(0, len(items), CHUNK):
            _delete(table, items[first : first + CHUNK])
        if not items:
            with suppress(ConditionFailed):
                _delete(table, counters, unchanged=True)
                return
    raise CliError("The server received writes during every attempt. Try again when fewer clients use it.")


def _delete(table: Table, items: Sequence[dict[str, str]], *, unchanged: bool = False) -> None:
    """Delete items in one transaction; with ``unchanged``, only if all of them still have the version that was read."""
    writes = [
        TransactItem("Delete", {"pk": item["pk"], "sk": item["sk"]}, item["rev"] if unchanged else UNCONDITIONAL)
        for item in items
    ]
    if writes:
        table.transact(writes, secrets.token_urlsafe(12))


def _is_counter(item: dict[str, str]) -> bool:
    return item["pk"].startswith("counters#")


def _is_deleted(partition: str, also: set[str]) -> bool:
    return partition.partition("#")[0] not in PRESERVED_COLLECTIONS or partition in also


def _all_keys(table: Table) -> Iterator[dict[str, str]]:
    for item in scan(table, "pk, sk, rev"):
        yield {name: typed["S"] for name, typed in item.items()}


def _end_sessions(table: Table, username: str) -> None:
    if sessions := get_user_sessions(table, username):
        rev = secrets.token_urlsafe(12)
        table.transact(session_list_writes(username, sessions, (), rev), rev)


@contextmanager
def _exclusive_lock(path: Path) -> Iterator[None]:
    """Hold a lock inside the block: two resets at the same time would write the sample data twice."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CliError("A reset is already running.") from None
        yield


if __name__ == "__main__":
    run_main(main)
