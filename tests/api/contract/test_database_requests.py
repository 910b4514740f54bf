"""The requests that reach DynamoDB: consistent reads before a write, and a token in every transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.api.contract.test_permissions import row_name
from tests.support.app import TestApp
from tests.support.permission_requests import prepare
from tests.support.permissions import ALIASES, TABLE, Row

Sent = tuple[str, dict[str, Any]]
"""The name of an operation of DynamoDB and its parameters."""
ROWS = [row for row in TABLE if row[1] not in ALIASES]
LABELS, INDEX, LOG, SITE = "names of authors", "an index", "a list of log entries", "site#site"
EVENTUAL = {False: {LABELS, SITE}, True: {LABELS, INDEX, LOG, SITE}}
"""What an owner may read eventually, by whether the request only reads. DynamoDB cannot read an index consistently."""


@contextmanager
def recorded(cafe: TestApp) -> Iterator[list[Sent]]:
    """Record the requests that botocore gets."""
    sent: list[Sent] = []

    def record(params: dict[str, Any], model: Any, **_: Any) -> None:
        sent.append((model.name, params))

    events = cafe.table.client.meta.events
    events.register("provide-client-params.dynamodb", record)
    try:
        yield sent
    finally:
        events.unregister("provide-client-params.dynamodb", record)


def eventual_reads(sent: list[Sent]) -> set[str]:
    """Return what is read eventually consistently."""
    found = set()
    for name, params in sent:
        if name == "BatchGetItem":
            ((_, batch),) = params["RequestItems"].items()
            keys = {key["pk"]["S"].partition("#")[0] for key in batch["Keys"]}
            found |= (
                set() if batch["ConsistentRead"] else {LABELS if keys <= {"users", "authors"} else f"a batch of {keys}"}
            )
        elif name == "Query" and not params["ConsistentRead"]:
            found.add(INDEX if "IndexName" in params else LOG)
        elif name == "GetItem" and not params["ConsistentRead"]:
            found.add(params["Key"]["pk"]["S"])
    return found


@pytest.mark.parametrize("row", [row for row in ROWS if TABLE[row][3] < 400], ids=row_name)
def test_owner_reads_consistently_and_every_transaction_has_its_token(cafe: TestApp, row: Row) -> None:
    request = prepare(cafe, "owner", row)
    with recorded(cafe) as sent:
        assert request.send() == TABLE[row][3]
    assert eventual_reads(sent) <= EVENTUAL[row[0] == "GET"]
    transactions = [params for name, params in sent if name == "TransactWriteItems"]
    assert bool(transactions) == (row[0] != "GET")
    for params in transactions:
        items = [write["Put"]["Item"] for write in params["TransactItems"] if "Put" in write]
        assert {item["rev"]["S"] for item in items} <= {params["ClientRequestToken"]}


def test_public_reads_eventually_in_half_the_units(cafe: TestApp) -> None:
    for row in (row for row in ROWS if row[0] == "GET" and TABLE[row][0] == 200):
        request = prepare(cafe, "public", row)
        cafe.public.get("/docs")  # after a change of the site, a process reads it consistently once
        cafe.clock.advance(minutes=1)
        with recorded(cafe) as sent:
            assert request.send() == 200
        assert len(eventual_reads(sent)) == len({name for name, _ in sent}), row
