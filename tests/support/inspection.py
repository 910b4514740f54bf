"""Read the table and the log of a test."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.store.table import Table
from tests.support.app import TestApp
from tools.tables import scan


def items(cafe: TestApp) -> list[dict[str, Any]]:
    """Return all items of the table, sorted by key."""
    return sorted(scan(cafe.table), key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


@contextmanager
def writes_nothing(cafe: TestApp) -> Iterator[None]:
    """Assert that the block does not change the table."""
    before = items(cafe)
    yield
    assert items(cafe) == before


def etag(response: TestResponse) -> str:
    """Return the ETag of a successful response."""
    assert response.status_code in (200, 201, 204, 304), response.get_data(as_text=True)
    return response.headers["ETag"]


def log_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the records logged since the last call. Every line must be one JSON object."""
    return [json.loads(line) for line in capsys.readouterr().err.split("\n") if line]


def delete(table: Table, item: dict[str, Any]) -> None:
    """Delete an item from the table."""
    table.client.delete_item(TableName=table.name, Key={"pk": item["pk"], "sk": item["sk"]})


def template_of(rule: str) -> str:
    """Return the URL template of a URL rule: ``/static/{filename}`` for ``/static/<path:filename>``."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
