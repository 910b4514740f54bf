"""The first start does not use a table of an earlier version."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.settings import Settings
from api.store.table import Table
from tools.cli import CliError
from tools.local.bootstrap import bootstrap
from tools.local.data_dir import DataDir


def test_table_with_other_indexes_is_an_error_and_does_not_change(mocked_table: Table, tmp_path: Path) -> None:
    settings = Settings(table_name=mocked_table.name, cursor_key="k" * 32)
    assert bootstrap(settings, mocked_table, DataDir(tmp_path), "emulator") is None
    (index, *_) = mocked_table.client.describe_table(TableName=mocked_table.name)["Table"]["GlobalSecondaryIndexes"]
    mocked_table.client.update_table(
        TableName=mocked_table.name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": index["IndexName"]}}]
    )
    with pytest.raises(CliError, match=f"remove {tmp_path} and start again"):
        bootstrap(settings, mocked_table, DataDir(tmp_path), "emulator")
    assert list(tmp_path.iterdir()) == []
