"""What every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from api.store.table import Table
from tests.cafe import Cafe
from tools.tables import create_table


@pytest.fixture
def mocked_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """A table on moto, made from the template that is deployed."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        create_table(client, "clowder-test")
        yield Table(client, "clowder-test", capacity="INDEXES")


@pytest.fixture
def cafe(mocked_table: Table) -> Cafe:
    """A café on moto: for behaviour. Races and crashes are for the real engine."""
    return Cafe(mocked_table)
