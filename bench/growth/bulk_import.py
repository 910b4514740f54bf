"""Fill a database with the importer of the DynamoDB emulator. Requests would take a day for a million cats."""

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

ITEMS_PER_FILE = 100_000
_SCHEMA_PROPERTIES = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes")
"""The properties of the table in infra/table.yml that the importer needs."""


def import_items(database: Path, table: str, items: Iterable[Item]) -> int:
    """Create a database with one table and its items. Return the number of items.

    The importer reads the format in which DynamoDB exports to S3: files with one JSON item per line.

    Args:
        database: the file to create. The export is a temporary folder next to it.
        table: the name of the table.
        items: the items.

    Raises:
        CliError: the importer failed or left out items.
    """
    export, schema_file = database.with_suffix(".export"), database.with_suffix(".json")
    properties = table_properties()
    schema = {"TableName": table, **{name: properties[name] for name in _SCHEMA_PROPERTIES}}
    schema_file.write_text(json.dumps({"Table": schema}), encoding="utf-8")
    count = _write_export(export / table / "data", items)
    command: list[str | Path] = [find_binary(), "import", "--source", export, "--schema", schema_file]
    process = subprocess.run([*command, "--output", database], capture_output=True, text=True, check=False)
    if process.returncode or f"Items:  {count}\n" not in process.stderr:
        raise CliError(f"The emulator has not imported {count:,} items: {process.stderr.strip()[-2000:]}")
    shutil.rmtree(export)
    return count


def _write_export(folder: Path, items: Iterable[Item]) -> int:
    """Write an export and return the number of items. The importer reads each file as a whole, so write many files."""
    folder.mkdir(parents=True)
    encode, iterator, count = msgspec.json.Encoder().encode, iter(items), 0
    while batch := list(islice(iterator, ITEMS_PER_FILE)):
        with (folder / f"{count:012}.json").open("wb") as file:
            file.writelines(encode({"Item": marshal(item)}) + b"\n" for item in batch)
        count += len(batch)
    return count
