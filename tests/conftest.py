"""Fixtures of all tests."""

from __future__ import annotations

import gc
import sys
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
from tests.support import moto
from tests.support.app import TestApp

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# jsonschema imports it to check IRIs, which the API does not have. It takes two seconds to compile its grammars.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

# Hypothesis generates the same examples in every run, so that a failure can be reproduced.
# 60 examples in place of 100 save time.
hypothesis.settings.register_profile("clowder", derandomize=True, deadline=None, database=None, max_examples=60)
hypothesis.settings.load_profile("clowder")

moto.install()

_numbers = count(1)


def pytest_collection_finish() -> None:
    """Exclude the collected tests and their imports from garbage collection. They live until the end of the run."""
    _freeze()


def _freeze() -> None:
    """Exclude all objects of this time from garbage collection, and collect others less often than by default."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@cache
def _client() -> DynamoDBClient:
    """Return the client that production uses. There is one per process, because creating a client is slow."""
    client = make_client(Settings(table_name="unused", cursor_key="k" * 32))
    moto.skip_signatures(client)
    client.list_tables()  # moto and botocore load the description of DynamoDB
    _freeze()
    return client


@contextmanager
def new_table() -> Iterator[Table]:
    """Create an empty table on moto, with the properties of the deployed template."""
    with mock_aws():
        name = f"clowder-test-{next(_numbers)}"
        moto.create_table(_client(), name)
        yield Table(_client(), name, capacity="INDEXES")


@pytest.fixture
def mocked_table() -> Iterator[Table]:
    """Return an empty table on moto."""
    with new_table() as table:
        yield table


@pytest.fixture
def cafe(mocked_table: Table) -> TestApp:
    """Return an app on moto. Tests of races and crashes use the DynamoDB emulator instead."""
    return TestApp(mocked_table)
