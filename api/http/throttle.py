"""Counts tries per caller in a fixed window of time, in the table, so that all instances count together."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from api.domain.errors import Throttled
from api.store.keys import Key
from api.store.table import Table


def _key(what: str, who: str, window: int) -> Key:
    """The caller's name is hashed: a counter is no list of who tried to log in from where."""
    return {"pk": f"throttle#{what}#{sha256(who.encode()).hexdigest()}", "sk": str(window)}


def count(table: Table, what: str, who: str, now: datetime, *, limit: int, window: int) -> None:
    """Count one try.

    Args:
        table: where counters are kept.
        what: what is tried.
        who: who tries.
        now: the instant of the try.
        limit: how many tries a window has.
        window: its length in seconds.

    Raises:
        Throttled: that was one too many; it is not to be carried out.
    """
    number = int(now.timestamp()) // window
    ends = (number + 1) * window
    if table.count(_key(what, who, number), expires=ends) > limit:
        wait = max(1, ends - int(now.timestamp()))
        raise Throttled("Too many tries; please wait.", limit=limit, window=window, retry_after=wait)


def forgive(table: Table, what: str, who: str, now: datetime, *, window: int) -> None:
    """Forget the tries of this window: the last one was good."""
    table.delete(_key(what, who, int(now.timestamp()) // window))
