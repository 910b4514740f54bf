"""``make demo-reset``: brings the sample back in the café that is open on this machine.

All that is there goes, and what was deleted of the sample is there again, as in a new café; posts begin with number 1.
Accounts stay as they are, with their passwords and sessions; only those of the sample's people are made anew.

The café may serve meanwhile. Whatever is written to it in these seconds may go or stay. It is safe to interrupt this at
any moment: the next time, it begins from the beginning.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from api.services.accounts import get_first_owner
from api.services.mappings import USER
from api.services.sessions import get_user_sessions, session_list_writes
from api.settings import Settings
from api.store.client import is_loopback, open_table
from api.store.table import Table
from api.store.transaction import UNCONDITIONAL, ConditionFailed, TransactItem, retry_on_conflict
from tools.cli import CliError, echo, run_main
from tools.local.bootstrap import pending_since
from tools.local.data_dir import DataDir, local_settings
from tools.local.seed import SAMPLE, read_sample, seed
from tools.tables import scan

PRESERVED_COLLECTIONS = frozenset({"users", "user_sessions", "sessions", "claims", "rate_limits"})
"""The nouns of accounts: who may come in, who has, and who has tried too often."""
CHUNK = 25
PASSES = 20


def main() -> None:
    """Find the café and reset it."""
    folder = DataDir.of(os.environ)
    running = folder.run_info()
    if running is None:
        raise CliError("The café is not open here: open it with make run.")
    require_local(running.dynamodb_url)
    if pending_since(folder, "engine" if running.engine_pid else running.dynamodb_url):
        raise CliError("The café has not finished its first start: wait until it says that it is open.")
    cursor_key = folder.cursor_key.read_text(encoding="utf-8").strip()
    place = {"TABLE_NAME": running.table_name, "AWS_REGION": running.region}
    settings = local_settings(os.environ | place, cursor_key, running.dynamodb_url)
    with _exclusive_lock(folder.path / "reset.lock"):
        echo("Bringing the sample back; if this is interrupted, run it once more.")
        told = reset(settings, open_table(settings), datetime.now(UTC).replace(microsecond=0))
    listed = ", ".join(f"{number} {noun}" for noun, number in told.items())
    echo(f"The café at {running.url} is as it was on its first day: {listed}. Accounts stay as they were.")


def require_local(dynamodb_url: str) -> None:
    """Let a database pass that is on this machine.

    Raises:
        CliError: it is somewhere else; a table in the cloud is nobody's demo.
    """
    if not is_loopback(dynamodb_url):
        host = urlsplit(dynamodb_url).hostname
        raise CliError(f"The café that is open here keeps its data at {host}: only one on this machine is ever reset.")


def reset(settings: Settings, table: Table, since: datetime, sample: Path = SAMPLE) -> dict[str, int]:
    """Remove all but the accounts and tell the sample's story anew; return how much of each noun it has."""
    people = {person["username"] for person in read_sample("people", since, sample)} - {get_first_owner(table)}
    for username in sorted(people):
        retry_on_conflict(partial(_end_sessions, table, username))
    delete_all_but_accounts(table, people)
    return seed(settings, table, since, sample)


def delete_all_but_accounts(table: Table, people: set[str]) -> None:
    """Remove all but the accounts, and of these the ones of some people.

    It looks again until it finds nothing. The counters go last, and only as they were before that look: no number is
    given again while something bears it.
    """
    for _ in range(PASSES):
        counters = [item for item in _all_keys(table) if _is_counter(item)]
        found = [item for item in _all_keys(table) if _is_deleted(item["pk"], people) and not _is_counter(item)]
        for first in range(0, len(found), CHUNK):
            _delete(table, found[first : first + CHUNK])
        if not found:
            with suppress(ConditionFailed):
                _delete(table, counters, as_they_were=True)
                return
    raise CliError("Others are writing to the café all the time; run this again when it is quieter.")


def _delete(table: Table, items: Sequence[dict[str, str]], *, as_they_were: bool = False) -> None:
    writes = [
        TransactItem("Delete", {"pk": item["pk"], "sk": item["sk"]}, item["rev"] if as_they_were else UNCONDITIONAL)
        for item in items
    ]
    if writes:
        table.transact(writes, secrets.token_urlsafe(12))


def _is_counter(item: dict[str, str]) -> bool:
    return item["pk"].startswith("counters#")


def _is_deleted(partition: str, people: set[str]) -> bool:
    noun, _, key = partition.partition("#")
    return noun not in PRESERVED_COLLECTIONS or (noun == USER.collection and key in people)


def _all_keys(table: Table) -> Iterator[dict[str, str]]:
    for item in scan(table, "pk, sk, rev"):
        yield {name: typed["S"] for name, typed in item.items()}


def _end_sessions(table: Table, username: str) -> None:
    if there := get_user_sessions(table, username):
        rev = secrets.token_urlsafe(12)
        table.transact(session_list_writes(username, there, (), rev), rev)


@contextmanager
def _exclusive_lock(path: Path) -> Iterator[None]:
    """Hold a lock until the end, of this or of the process: two at once would write everything twice."""
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CliError("The café is being reset already.") from None
        yield


if __name__ == "__main__":
    run_main(main)
