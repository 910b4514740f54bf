"""Fills an engine's database with a café of some size, by the engine's own importer: requests would take a day."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import msgspec

from api.store.keys import marshal
from api.store.transaction import Item
from tools.cli import CliError
from tools.local.dynamodb import find_binary
from tools.tables import table_properties

AT_ONCE = 100_000
"""How many items a file of the export has."""
_DESCRIBED = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
"""What the importer wants to know of a table, of all that infra/table.yml says."""


def fill(database: Path, table: str, items: Iterable[Item]) -> int:
    """Make a database with one table and items in it; return how many.

    The importer takes what DynamoDB exports to S3: lines of JSON, one item each, in a folder of their table.

    Args:
        database: the file to make. What is imported lies beside it for the time being.
        table: the name of the table.
        items: what lies in it.

    Raises:
        CliError: the importer failed, or has left something out.
    """
    export, schema = database.with_suffix(".export"), database.with_suffix(".json")
    properties = table_properties()
    described = {"TableName": table, **{name: properties[name] for name in _DESCRIBED}}
    schema.write_text(json.dumps({"Table": described}), encoding="utf-8")
    number = _write(export / table / "data", items)
    command: list[str | Path] = [find_binary(), "import", "--source", export, "--schema", schema, "--output", database]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or f"Items:  {number}\n" not in done.stderr:
        raise CliError(f"The engine has not imported {number:,} items: {done.stderr.strip()[-2000:]}")
    shutil.rmtree(export)
    return number


def _write(folder: Path, items: Iterable[Item]) -> int:
    """Write items as an export has them and return how many; many files, because the importer reads each as a whole."""
    folder.mkdir(parents=True)
    encode, coming, number = msgspec.json.Encoder().encode, iter(items), 0
    while some := list(islice(coming, AT_ONCE)):
        with (folder / f"{number:012}.json").open("wb") as file:
            file.writelines(encode({"Item": marshal(item)}) + b"\n" for item in some)
        number += len(some)
    return number
