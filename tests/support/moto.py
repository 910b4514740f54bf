"""Make the DynamoDB of moto faster, with the same results. Copies take much of the time of a test otherwise.

moto copies the whole table for each write of a transaction, so that it can restore the table. It compares values in
Python when it sorts the items of a query, looks for the methods of a class with each request, and makes a thousand
objects for the URLs of AWS whenever it starts.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore import UNSIGNED
from moto.core import DEFAULT_ACCOUNT_ID, models, responses
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

from tools import tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_transact = DynamoDBBackend.transact_write_items
_empty: list[Table] = []
"""The first table that ``create_table`` has created, without items."""


def install() -> None:
    """Replace the methods of moto."""
    Table.__deepcopy__ = lambda self, _: self  # _transact_write_items restores the items
    DynamoDBBackend.transact_write_items = _transact_write_items
    models.CallbackResponse = cache(models.CallbackResponse)
    Table.all_items = _sorted_items
    responses.method_names_from_class = cache(responses.method_names_from_class)


def skip_signatures(client: DynamoDBClient) -> None:
    """Let a client send requests without a signature, which moto does not check."""
    client.meta.events.register("choose-signer.dynamodb", lambda **_: UNSIGNED)


def create_table(client: DynamoDBClient, name: str) -> None:
    """Create an empty table with the properties of the deployed template. Each one is a copy of the first."""
    created = dynamodb_backends[DEFAULT_ACCOUNT_ID][client.meta.region_name].tables
    assert name not in created
    if not _empty:
        tables.create_table(client, name)
        _empty.append(_empty_copy(created[name], name))
    created[name] = _empty_copy(_empty[0], name)


def _empty_copy(table: Table, name: str) -> Table:
    """Return an empty table with the properties of a table."""
    result = copy.copy(table)
    result.name, result.table_arn, result.items = name, table.table_arn.replace(table.name, name), defaultdict(dict)
    return result


def _transact_write_items(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    """Copy the items of the transaction only. moto copies the whole table, once for each of them."""
    before = [_current(self, operation) for write in transact_items for operation in write.values()]
    try:
        _transact(self, transact_items)
    except Exception:
        for table, (partition, sort), item in before:
            if item is None:
                table.items[partition].pop(sort, None)
            else:
                table.items[partition][sort] = item
        raise


def _current(backend: DynamoDBBackend, operation: dict[str, Any]) -> tuple[Table, tuple[DynamoType, Any], Item | None]:
    """Return the table of an operation, the keys of its item, and a copy of the item."""
    table = backend.get_table(operation["TableName"])
    keys = operation.get("Key") or operation["Item"]
    partition, sort = DynamoType(keys[table.hash_key_attr]), DynamoType(keys[str(table.range_key_attr)])
    return table, (partition, sort), copy.deepcopy(table.get_item(partition, sort))


def _sorted_items(table: Table) -> list[Item]:
    """Return the items by their keys."""
    items = [item for partition in table.items.values() for item in partition.values()]
    return sorted(items, key=lambda item: (item.hash_key.cast_value, item.range_key.cast_value))
