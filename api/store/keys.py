"""The single-table layout: every key, every index, every access pattern and what it costs.

Items (``doc`` is the thing as JSON; ``rev`` names the write that made it):

    pk                          sk                            what
    <noun>#<key>                record                        one thing
    <noun>#<key>                history#<instant>#<rev>       one version of it, and who made it
    <noun>#<key>                <entries>#<instant>#<id>      one entry of an append-only list of it
    idempotency#<caller>#<key>  record                        the answer to a POST; expires after 24 hours
    throttle#<what>#<who>       <window>                      failures in one window of time; expires with it

Indexes (all project everything, so that a list is one query and no look-up). A *shelf* is one list of
things that one audience may see (``cats#public``); facets cut it by the filters that are used most:

    shelf-by_name   shelf-by_time   shelf-by_date      e.g. all public cats by name, newest first, by birth date
    facet1-by_name  facet1-by_time                     e.g. cats of one status
    facet2-by_name  facet2-by_time                     e.g. public cats with one answer to goodWith.children

Access patterns. RCU and WCU are for things under 1 KB; ``tests/engine/test_capacity.py`` measures each line.

    GET one thing, public                     GetItem, eventually consistent     0.5 RCU
    GET one thing, staff                      GetItem, consistent                1 RCU (and 1 for the session)
    list, public, n things on the page        Query of one shelf                 0.5 RCU per 4 KB; at most 10 limits
    list, staff                               Query of two shelves, merged       as above, twice
    history, a page; the thing at an instant  Query in its partition             0.5 RCU per 4 KB; one item for ?at=
    weights, a page                           GetItem + Query in its partition   1 RCU + 0.5 per 4 KB
    create or change, with history            GetItem + TransactWriteItems       1 RCU, 4 WCU (indexes: 1 each)
    the same with an Idempotency-Key          GetItem, an item in the transaction  + 1 RCU, 2 WCU per KB of the answer
    a bond begins or ends                     one thing and one entry more       + 4 WCU per partner
    weigh                                     GetItem + TransactWriteItems       1 RCU, 4 WCU (2 are the check)
    who calls (bearer token)                  GetItem, consistent                1 RCU
    log in                                    4 UpdateItem, GetItem, PutItem     1 RCU, 5 WCU (indexes: 1)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

RECORD = "record"
HISTORY = "history"
FIRST, LAST = "\x00", "\U0010ffff"
"""Bounds that no part of a key reaches."""

INDEXES: dict[str | None, tuple[str, str]] = {
    None: ("pk", "sk"),
    "shelf-by_name": ("shelf", "by_name"),
    "shelf-by_time": ("shelf", "by_time"),
    "shelf-by_date": ("shelf", "by_date"),
    "facet1-by_name": ("facet1", "by_name"),
    "facet1-by_time": ("facet1", "by_time"),
    "facet2-by_name": ("facet2", "by_name"),
    "facet2-by_time": ("facet2", "by_time"),
}
"""Each index with its partition key and its sort key; ``infra/table.yml`` creates them."""

Key = dict[str, str]


@dataclass(frozen=True)
class Span:
    """A run of neighbours in the table or in an index, in one direction; both bounds belong to it."""

    index: str | None
    partition: str
    low: str = FIRST
    high: str = LAST
    reverse: bool = False

    @property
    def sort(self) -> str:
        """The attribute that orders the run."""
        return INDEXES[self.index][1]

    def after(self, position: str | None) -> Span:
        """Return what is left of the run from a position on (the item at the position included)."""
        if position is None:
            return self
        low, high = (self.low, min(self.high, position)) if self.reverse else (max(self.low, position), self.high)
        return Span(self.index, self.partition, low, high, self.reverse)


def partition(noun: str, key: str) -> str:
    """Return the partition of one thing and of all that belongs to it."""
    return f"{noun}#{key}"


def record(noun: str, key: str) -> Key:
    """Return the key of one thing."""
    return {"pk": partition(noun, key), "sk": RECORD}


def entry(noun: str, key: str, entries: str, id: str) -> Key:
    """Return the key of one entry in a list that belongs to a thing; ids are in the order of time."""
    return {"pk": partition(noun, key), "sk": f"{entries}#{id}"}


def entries_span(noun: str, key: str, entries: str, until: str = "") -> Span:
    """Return the entries that belong to a thing, newest first, up to all ids that begin with ``until``."""
    return Span(None, partition(noun, key), f"{entries}#", f"{entries}#{until}{LAST}", reverse=True)


def instant(at: datetime) -> str:
    """Return an instant as text of one width, so that its order as text is its order in time."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
