"""The replacements in tests/support/moto.py have the results of moto."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.store.table import Table


def test_refused_transaction_changes_nothing(mocked_table: Table) -> None:
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
