"""Make the DynamoDB of moto faster, with the same results. Without this, copies take most of the time of the tests.

moto copies the whole table for each write of a transaction, so that it can restore the table. It compares values in
Python when it sorts the items of a query, and looks for the methods of a class with each request.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from functools import cache
from typing import Any

from moto.core import responses
from moto.dynamodb.models.dynamo_type import Item, LimitedSizeDict
from moto.dynamodb.models.table import Table

SCALARS = {"S", "N", "B", "BOOL", "NULL"}
"""moto replaces a value of these types. It changes only sets, lists and maps."""


def install() -> None:
    """Replace the methods of moto."""
    Item.__deepcopy__ = _copy_item
    Table.__deepcopy__ = _copy_table
    Table.all_items = _sorted_items
    responses.method_names_from_class = cache(responses.method_names_from_class)


def _copy_item(item: Item, memo: dict[int, Any]) -> Item:
    """Copy an item. The copy shares its scalars."""
    copied: Any = object.__new__(Item)
    copied.hash_key, copied.range_key = item.hash_key, item.range_key
    copied.attrs = dict.__new__(LimitedSizeDict)
    # LimitedSizeDict computes the size of the item for each attribute.
    dict.update(copied.attrs, item.attrs)
    for name, value in item.attrs.items():
        if value.type not in SCALARS:
            dict.__setitem__(copied.attrs, name, copy.deepcopy(value, memo))
    return copied


def _copy_table(table: Table, memo: dict[int, Any]) -> Table:
    """Copy the items of a table. The copy shares everything else, which a transaction does not change."""
    copied: Any = copy.copy(table)
    copied.items = defaultdict(dict)
    for key, items in table.items.items():
        copied.items[key] = {sort_key: _copy_item(item, memo) for sort_key, item in items.items()}
    return copied


def _sorted_items(table: Table) -> list[Item]:
    """Return the items by their keys."""
    items = [item for partition in table.items.values() for item in partition.values()]
    return sorted(items, key=lambda item: (item.hash_key.cast_value, item.range_key.cast_value))
