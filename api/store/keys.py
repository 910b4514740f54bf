"""The single-table design: every key, every index, and every access pattern with its cost.

Items (``doc`` is the entity as JSON; ``rev`` is the id of the write that created this version):

    pk                              sk                            item
    <collection>#<key>              record                        an entity
    <collection>#<key>              history#<timestamp>#<rev>     a version of it, and its author
    <collection>#<key>              <entries>#<timestamp>#<id>    an entry of an append-only list of it
    idempotency#<caller>#<key>      record                        the saved response to a POST; expires after 24 hours
    rate_limits#<name>#<who>        <window>                      the attempts in a window of time; expires with it
    counters#<collection>           record                        the last number of the posts
    care_cards#<name>               record                        the care card of a cat: the source of derived to-dos
    claims#first-owner              record                        the first owner; there is at most one
    chips#<number>                  record                        the cat that has a microchip; there is at most one
    authors#<uid>                   record                        the names of a user, for what the user wrote
    erasures#<id>                   record                        that a user or a value was erased; expires
    uploads#<collection>/<key>      record                        the uploads of an entity; expires after a day
    photo_deletions#<id>            record                        the files of photos to delete
    changes#<collection>#<key>      <list>                        the last change of an entity; expires after 90 days
    sessions#<hash>                 record                        a session, by an HMAC of its token; expires
    user_sessions#<username>        record                        the sessions of a user; guards each of them
    user_tokens#<username>          record                        the API tokens of a user, by HMACs of their texts

Indexes project all attributes, so that a list is one query. ``list_key`` is the partition key of the list indexes: an
entity type and an audience, for example ``cats#public``. ``filter1_key`` and ``filter2_key`` add the value of a filter.
Open to-dos and care cards are in ``filter1`` by the time from which they are relevant, history entries and weights by
their author.

    list-by_name      list-by_time      list-by_date   e.g. all public cats by name, newest first, by birth date
    filter1-by_name   filter1-by_time                  e.g. cats of one status; relevant to-dos
    filter2-by_name   filter2-by_time                  e.g. public cats with one value of goodWith.children

Access patterns. RCU and WCU are for entities under 1 KB; ``tests/concurrency/test_capacity.py`` measures each line.
A request with a token also pays for "authenticate". The entity of the path is one more key in the same BatchGetItem.

    GET one entity, public                      GetItem, eventually consistent     0.5 RCU
    GET one entity, with a token                one key more in "authenticate"     1 RCU
    list, public, n entities on the page        Query of one partition             0.5 RCU per 4 KB; at most 10 limits
    list of cats, staff                         Query of two partitions, merged    as above, twice
    list of other entities, with a token        Query of one partition             as the public list
    history, a page; the version at a time      Query in its partition             0.5 RCU per 4 KB; one item for a time
    a version by its number                     Query of one item for each step    0.5 RCU for each; 0.5 per 4 KB
    changes, n records on the page              1 or 2 Query, BatchGetItem         + 0.5 RCU for each entity
    weights, a page                             one key more, Query                1 RCU + 0.5 per 4 KB
    weights of a deleted cat                    the same, Query for its uid        + 0.5 RCU
    author names: posts, to-dos, these pages    BatchGetItem                       + 0.5 RCU for each name
    next to-dos                                 2 Query of relevant items          1 RCU; + 0.5 per 4 KB of these
    cats, blockers and assignees of these       BatchGetItem for each link         + 0.5 RCU for each of them
    photos of an entity, with its uploads       two keys more in "authenticate"    2 RCU
    begin an upload                             the same, TransactWriteItems       2 RCU, 4 WCU: check, uploads
    create a cat                                GetItem + TransactWriteItems       1 RCU, 8 WCU: 4 items of the cat
    delete a cat                                the same                           1 RCU, 10 WCU: these, its uploads
    update a cat                                one key more, TransactWriteItems   1 RCU, 6 WCU: cat, record, history
    update a field of the care card             the same and GetItem               2 RCU, 8 WCU: these and the card
    update the birth date of a weighed cat      Query, consistent                  + 1 RCU per 4 KB of weights
    begin or end a bond                         the same for each partner          + 1 RCU, 6 WCU for each partner
    add or remove a microchip                   BatchGetItem, one item more each   + 1 RCU, 2 WCU for each of them
    add a weight                                key, GetItem, Query, transaction   3 RCU, 6 WCU: check, weight, card
    create or update without history            GetItem + TransactWriteItems       1 RCU, 4 WCU; 2 for a user
    delete a pie or a post                      the same                           1 RCU, 6 WCU: these, its uploads
    create a post                               UpdateItem + TransactWriteItems    5 WCU: counter, post, its record
    publish a post later                        one record more                    + 2 WCU
    create a to-do                              TransactWriteItems                 4 WCU; + 1 RCU for each reference
    complete a recurring to-do                  one key more, TransactWriteItems   1 RCU, 8 WCU: this one, the next
    create with an Idempotency-Key              GetItem, one item more             + 1 RCU, 2 WCU per KB of the response
    redact a version in a history               GetItem, 2 Query, transaction      3 RCU, 8 WCU: check, and 3 writes
    register                                    UpdateItem, GetItem, transaction   1 RCU, 5 WCU: count, user, author
    authenticate (token or cookie)              BatchGetItem, consistent           1 RCU
    authenticate with an API token              two keys in the BatchGetItem       2 RCU; + 1 per 4 KB of its list
    first use of an API token in an hour        UpdateItem                         + 1 WCU per KB of the list
    create an API token; revoke                 BatchGetItem; GetItem; transaction 2 RCU, 4 WCU; 1 RCU, 2 WCU
    own profile as /users/me                    GetItem                            1 RCU; none with an API token
    log in                                      BatchGetItem + TransactWriteItems  5 RCU, 12 WCU: 3 counts, 3 items
    log out                                     GetItem + TransactWriteItems       1 RCU, 4 WCU: list, session
    export a user, a page                       4 Query, BatchGetItem              as lists; at most 10 limits each
    change a role                               2 keys, GetItem, transaction       3 RCU, 8 WCU: 4 items of users
    delete a user                               2 keys, GetItem, transaction       3 RCU, 12 WCU: these and a record
    new password; with the current one          counts; limits                     + 2 RCU, 6 WCU; + 5 RCU, 10 WCU
    sessions that this changes or ends          one item more each                 + 2 WCU each, and per KB of the list

A write to an index costs 1 WCU there, and 2 where it moves an entity. A cat is in 7 indexes, a care card in 1, an open
to-do in 3 or, for the health of a cat, in 4, a pie in 2, a post, a user, a history entry, a weight and a change record
in 1. Each change of an entity moves its change record.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

RECORD = "record"
HISTORY = "history"
FIRST, LAST = "\x00", "\U0010ffff"
"""Lower and upper bound of every key."""

INDEXES: dict[str | None, tuple[str, str]] = {
    None: ("pk", "sk"),
    "list-by_name": ("list_key", "by_name"),
    "list-by_time": ("list_key", "by_time"),
    "list-by_date": ("list_key", "by_date"),
    "filter1-by_name": ("filter1_key", "by_name"),
    "filter1-by_time": ("filter1_key", "by_time"),
    "filter2-by_name": ("filter2_key", "by_name"),
    "filter2-by_time": ("filter2_key", "by_time"),
}
"""The partition key and the sort key of each index; ``infra/table.yml`` creates them."""

Key = dict[str, str]
Item = dict[str, str | int]


class KeyRange(Struct, frozen=True):
    """A range of sort keys in a partition of the table or of an index, bounds included, in one direction."""

    index: str | None
    partition: str
    low: str = FIRST
    high: str = LAST
    reverse: bool = False
    consistent: bool = False
    """Whether reads are consistent. DynamoDB cannot read an index consistently."""

    @property
    def sort(self) -> str:
        """The name of the sort key."""
        return INDEXES[self.index][1]

    def starting_at(self, position: str | None) -> KeyRange:
        """Return the rest of the range, including the position."""
        if position is None:
            return self
        low, high = (self.low, min(self.high, position)) if self.reverse else (max(self.low, position), self.high)
        return replace(self, low=low, high=high)


def partition_key(collection: str, key: str) -> str:
    """Return the partition key of an entity, its history and its lists."""
    return f"{collection}#{key}"


def item_key(collection: str, key: str) -> Key:
    """Return the key of an entity."""
    return {"pk": f"{collection}#{key}", "sk": RECORD}


def change_key(collection: str, key: str, name: str) -> Key:
    """Return the key of the record of an entity in a list of changes."""
    return {"pk": f"changes#{collection}#{key}", "sk": name}


def change_list(collection: str, name: str) -> str:
    """Return the index partition of a list of changes."""
    return f"changes#{collection}#{name}"


def log_key(collection: str, key: str, entries: str, id: str) -> Key:
    """Return the key of an entry of an append-only list. Ids sort by time."""
    return {"pk": f"{collection}#{key}", "sk": f"{entries}#{id}"}


def log_range(collection: str, key: str, entries: str, until: str = "") -> KeyRange:
    """Return the range of the entries of an entity, newest first, up to all ids that begin with ``until``."""
    return KeyRange(None, partition_key(collection, key), f"{entries}#", f"{entries}#{until}{LAST}", reverse=True)


def author_index(by: str, at: datetime, id: str) -> dict[str, str]:
    """Return the index attributes of an entry that a user wrote. They find all entries of a user."""
    return {"filter1_key": f"by#{by}", "by_time": f"{timestamp_key(at)}#{id}"}


def author_range(by: str) -> KeyRange:
    """Return the range of the entries that a user wrote, newest first."""
    return KeyRange("filter1-by_time", f"by#{by}", reverse=True)


def window_key(name: str, key: str, window: int) -> Key:
    """Return the key of a rate limit counter, for one window of time."""
    return {"pk": f"rate_limits#{name}#{key}", "sk": str(window)}


def timestamp_key(at: datetime) -> str:
    """Return a timestamp as text of fixed width, so that text order is time order."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def marshal(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes with DynamoDB's types, for example ``{"S": "luna"}``."""
    return {name: {"S": value} if isinstance(value, str) else {"N": str(value)} for name, value in item.items()}


def unmarshal(item: Mapping[str, Mapping[str, Any]]) -> Item:
    """Return the texts and integers of an item without DynamoDB's types. Only another release writes other types."""
    try:
        return {name: int(typed["N"]) if "N" in typed else typed["S"] for name, typed in item.items()}
    except (KeyError, ValueError):
        plain = {name: _plain(typed) for name, typed in item.items()}
        return {name: value for name, value in plain.items() if value is not None}


def _plain(typed: Mapping[str, Any]) -> str | int | None:
    """Return the value of an attribute; None for a type or a number that this release does not write."""
    with suppress(ValueError):
        return int(typed["N"]) if "N" in typed else typed.get("S")
    return None
