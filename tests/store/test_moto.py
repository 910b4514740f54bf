"""The table and the app on moto, which the tests of a process share, have no traces of earlier tests."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.store.table import Table
from tests.support.app import NOON, TestApp
from tests.support.inspection import items


def change(response: Any) -> Any:
    """Change a response; a hook for the next test to miss."""
    response.headers["X-Changed"] = "yes"
    return response


@pytest.mark.parametrize("number", range(3))
def test_app_and_table_are_new_for_each_test(cafe: TestApp, number: int) -> None:
    assert (items(cafe), cafe.clock.now) == ([], NOON)
    assert "X-Changed" not in cafe.public.get("/").headers
    assert "The Purring Pie" not in cafe.public.get("/", {"Accept": "text/html"}).get_data(as_text=True)
    # The next run has none of these changes. The first one leaves the app as it is, so that the second one has it too.
    if number:
        cafe.app.after_request_funcs[None].append(change)
    assert cafe.client("owner").patch("/site", {"name": "The Purring Pie"}, if_match="*").status_code in (200, 201)
    assert "The Purring Pie" in cafe.public.get("/", {"Accept": "text/html"}).get_data(as_text=True)
    cafe.clock.advance(days=1)
    cafe.table.query = None  # type: ignore[method-assign, assignment]


def test_refused_transaction_changes_nothing(mocked_table: Table) -> None:
    # tests/support/moto.py replaces the copies with which moto restores a table.
    client, name = mocked_table.client, mocked_table.name
    first, second, third = ({"pk": {"S": key}, "sk": {"S": "x"}} for key in "abc")
    for item in (first, second):
        client.put_item(TableName=name, Item=item | {"n": {"N": "1"}, "m": {"M": {"a": {"S": "1"}}}})
    before = client.scan(TableName=name)["Items"]
    increment = {"UpdateExpression": "ADD n :n SET m.a = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}
    writes: list[Any] = [
        {"Update": {"TableName": name, "Key": first} | increment},
        {"Delete": {"TableName": name, "Key": second}},
        {"Put": {"TableName": name, "Item": third, "ConditionExpression": "attribute_not_exists(pk)"}},
    ]
    missing = {"Key": {"pk": {"S": "d"}, "sk": {"S": "x"}}, "ConditionExpression": "attribute_exists(pk)"}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        client.transact_write_items(TransactItems=[*writes, {"ConditionCheck": {"TableName": name} | missing}])
    assert client.scan(TableName=name)["Items"] == before
    client.transact_write_items(TransactItems=writes)
    after = client.scan(TableName=name)["Items"]
    assert after == [first | {"n": {"N": "2"}, "m": {"M": {"a": {"N": "1"}}}}, third]
