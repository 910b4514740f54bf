"""Looks at what an answer does not show: the table itself, and the log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.store.table import Table
from tests.support.app import TestApp
from tools.tables import scan


def items(cafe: TestApp) -> list[dict[str, Any]]:
    """Return all that is in the table, in the order of its keys."""
    return sorted(scan(cafe.table), key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


@contextmanager
def writes_nothing(cafe: TestApp) -> Iterator[None]:
    """Check that what is done meanwhile writes nothing."""
    before = items(cafe)
    yield
    assert items(cafe) == before


def etag(answer: TestResponse) -> str:
    """Return the entity tag of a good answer."""
    assert answer.status_code in (200, 201, 204, 304), answer.get_data(as_text=True)
    return answer.headers["ETag"]


def log_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return what was logged since the last look; every line has to be JSON of its own."""
    return [json.loads(line) for line in capsys.readouterr().err.split("\n") if line]


def delete(table: Table, item: dict[str, Any]) -> None:
    """Delete an item from the table."""
    table.client.delete_item(TableName=table.name, Key={"pk": item["pk"], "sk": item["sk"]})
