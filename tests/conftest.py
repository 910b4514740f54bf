"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from typing import TYPE_CHECKING

import boto3
import hypothesis
import pytest
from moto import mock_aws

from api.store.table import Table
from tests.cafe import Cafe
from tools.tables import create_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The same examples in every run, on every machine: a test that fails fails again.
hypothesis.settings.register_profile("clowder", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("clowder")

_numbers = count(1)


@cache
def _client() -> DynamoDBClient:
    """One client for all tests: to make one takes longer than most tests. Moto answers it only while it is on."""
    return boto3.client("dynamodb", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")


@contextmanager
def new_table() -> Iterator[Table]:
    """Make a table of its own on moto, from the template that is deployed."""
    name = f"clowder-test-{next(_numbers)}"
    with mock_aws():
        create_table(_client(), name)
        yield Table(_client(), name, capacity="INDEXES")


@pytest.fixture
def mocked_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """A table on moto."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with new_table() as table:
        yield table


@pytest.fixture
def cafe(mocked_table: Table) -> Cafe:
    """A café on moto: for behaviour. Races and crashes are for the real engine."""
    return Cafe(mocked_table)
