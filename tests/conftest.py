"""What every test may ask for."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

import hypothesis
import pytest
from moto import mock_aws

from api.settings import Settings
from api.store.client import make_client
from api.store.table import Table
from tests.support.app import TestApp
from tools.tables import create_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The same examples in every run, on every machine: a test that fails fails again.
hypothesis.settings.register_profile("clowder", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("clowder")

_numbers = count(1)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: thousands of tests, and all that they import."""
    gc.collect()
    gc.freeze()


@cache
def _client() -> DynamoDBClient:
    """Return the client of production, one per process: to make one takes longer than most tests do."""
    return make_client(Settings(table_name="unused", cursor_key="k" * 32))


@contextmanager
def new_table() -> Iterator[Table]:
    """Create an empty table on moto, from the template that is deployed."""
    with mock_aws():
        name = f"clowder-test-{next(_numbers)}"
        create_table(_client(), name)
        yield Table(_client(), name, capacity="INDEXES")


@pytest.fixture
def mocked_table() -> Iterator[Table]:
    """A table on moto."""
    with new_table() as table:
        yield table


@pytest.fixture
def cafe(mocked_table: Table) -> TestApp:
    """A café on moto: for behaviour. Races and crashes are for the real engine."""
    return TestApp(mocked_table)
