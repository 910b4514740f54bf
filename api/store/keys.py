"""The single-table layout: every key, every index, every access pattern and what it costs.

Items (``doc`` is the entity as JSON; ``rev`` names the write that made it):

    pk                              sk                            what
    <collection>#<key>              record                        one entity
    <collection>#<key>              history#<instant>#<rev>       one version of it, and who made it
    <collection>#<key>              <entries>#<instant>#<id>      one entry of an append-only list of it
    idempotency#<caller>#<key>      record                        the answer to a POST; expires after 24 hours
    throttle#<what>#<who>           <window>                      failures in one window of time; expires with it
    counters#<collection>           record                        the number that was given last
    care#<name>                     record                        the care card of a cat: what her chores follow from
    sessions#<hash>                 record                        a token, as its SHA-256; expires with it
    rosters#<username>              record                        all sessions of somebody; guards each of them

Indexes (all project everything, so that a list is one query and no look-up). A *shelf* is one list of
entities that one audience may see (``cats#public``); facets cut it by the filters that are used most. In the
facets, ``attention`` is the place of open to-dos by the instant from which they want it; care cards have one beside it.

    shelf-by_name   shelf-by_time   shelf-by_date      e.g. all public cats by name, newest first, by birth date
    facet1-by_name  facet1-by_time                     e.g. cats of one status; what wants attention
    facet2-by_name  facet2-by_time                     e.g. public cats with one answer to goodWith.children

Access patterns. RCU and WCU are for entities under 1 KB; ``tests/engine/test_capacity.py`` measures each line.
A call with a token also pays for the line "who calls". The entity that the path names comes in the same round trip:
it is one key more in that BatchGetItem.

    GET one entity, public                      GetItem, eventually consistent     0.5 RCU
    GET one entity, with a token                one key more in "who calls"        1 RCU
    list, public, n entities on the page        Query of one shelf                 0.5 RCU per 4 KB; at most 10 limits
    list of cats, staff                         Query of two shelves, merged       as above, twice
    list of anything else, with a token         Query of one shelf                 as the public one
    history, a page; the entity at an instant   Query in its partition             0.5 RCU per 4 KB; one item for ?at=
    weights, a page                             one key more, Query                1 RCU + 0.5 per 4 KB
    who signed: posts, to-dos, these pages      BatchGetItem                       + 0.5 RCU for each name
    what to do next                             2 Query of what wants attention    1 RCU; + 0.5 per 4 KB of what is near
    cats and blockers of what is next           BatchGetItem for each link         + 0.5 RCU for each of them
    create a cat, delete one                    GetItem + TransactWriteItems       1 RCU, 6 WCU: cat, history, card
    change a cat                                one key more, TransactWriteItems   1 RCU, 4 WCU: cat, history
    change what is on her care card             the same and GetItem               2 RCU, 6 WCU: cat, history, card
    her birth date, once she was weighed        Query, consistent                  + 1 RCU per 4 KB of weights
    a bond begins or ends                       one entity and one entry more      + 1 RCU, 4 WCU for each partner
    weigh                                       key, GetItem, Query, transaction   3 RCU, 6 WCU: check, weight, card
    create or change without history            GetItem + TransactWriteItems       1 RCU, 2 WCU
    create a post                               GetItem + TransactWriteItems       1 RCU, 4 WCU: post, counter
    create a to-do                              TransactWriteItems                 2 WCU; + 1 RCU for each it names
    a to-do that recurs is done                 one key more, TransactWriteItems   1 RCU, 4 WCU: this one, the next
    create with an Idempotency-Key              GetItem, one item more             + 1 RCU, 2 WCU per KB of the answer
    register                                    count, GetItem, transaction        1 RCU, 3 WCU: count, user
    who calls (token or cookie)                 BatchGetItem, consistent           1 RCU
    log in                                      4 counts, batch, transaction       2 RCU, 10 WCU: user, roster, session
    log out                                     GetItem + TransactWriteItems       1 RCU, 4 WCU: roster, session
    change what somebody may do, delete them    key, 2 GetItem, transaction        3 RCU, 6 WCU: actor, user, roster
    sessions that change or end with that       one item more each                 + 2 WCU each, and per KB of roster

What is written to an index costs 1 WCU there, and 2 where that moves an entity: a cat stands in 7, her card in 1 of
attention, an open to-do that a cat's health hangs on in 2, a to-do in 2 of its list, a pie in 2, a post, a user in 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

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
Item = dict[str, str | int]


class KeyRange(Struct, frozen=True):
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

    def after(self, position: str | None) -> KeyRange:
        """Return what is left of the run from a position on (the item at the position included)."""
        if position is None:
            return self
        low, high = (self.low, min(self.high, position)) if self.reverse else (max(self.low, position), self.high)
        return KeyRange(self.index, self.partition, low, high, self.reverse)


def partition_key(collection: str, key: str) -> str:
    """Return the partition of one entity and of all that belongs to it."""
    return f"{collection}#{key}"


def item_key(collection: str, key: str) -> Key:
    """Return the key of one entity."""
    return {"pk": f"{collection}#{key}", "sk": RECORD}


def log_key(collection: str, key: str, entries: str, id: str) -> Key:
    """Return the key of one entry in a list that belongs to an entity; ids are in the order of time."""
    return {"pk": f"{collection}#{key}", "sk": f"{entries}#{id}"}


def log_range(collection: str, key: str, entries: str, until: str = "") -> KeyRange:
    """Return the entries that belong to an entity, newest first, up to all ids that begin with ``until``."""
    return KeyRange(None, partition_key(collection, key), f"{entries}#", f"{entries}#{until}{LAST}", reverse=True)


def timestamp_key(at: datetime) -> str:
    """Return an instant as text of one width, so that its order as text is its order in time."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item, or a part of one, with its types."""
    return {name: {"S": value} if isinstance(value, str) else {"N": str(value)} for name, value in item.items()}


def unmarshal(item: Mapping[str, Mapping[str, str]]) -> Item:
    """Return an item without its types."""
    return {name: int(typed["N"]) if "N" in typed else typed["S"] for name, typed in item.items()}
