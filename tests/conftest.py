"""What every test may ask for."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import hypothesis
import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.dynamodb import dynamodb_backends

from api.store.sigv4 import Key, Signer
from api.store.table import Table
from api.store.wire import Wire
from tests import mocked
from tests.cafe import Cafe
from tools.tables import create_table

# The same examples in every run, on every machine: a test that fails fails again.
hypothesis.settings.register_profile("clowder", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("clowder")

_numbers = count(1)


def pytest_collection_finish() -> None:
    """Spare the garbage collector what stays to the end: thousands of tests, and all that they import."""
    gc.collect()
    gc.freeze()


_wire = Wire(mocked, Signer("moto", "/", mocked.REGION, "dynamodb", lambda: Key("test", "test")))
_free: list[str] = []
"""Tables that no test uses now: they are empty."""


@contextmanager
def new_table() -> Iterator[Table]:
    """Give an empty table on moto, made from the template that is deployed.

    What moto holds is kept from test to test, because to make a table takes it longer than most tests take.
    """
    name = _free.pop() if _free else f"clowder-test-{next(_numbers)}"
    try:
        if name not in _tables():
            create_table(_wire.call, name)
        yield Table(_wire.call, name, capacity="INDEXES")
    finally:
        _tables()[name].items.clear()
        _free.append(name)


def _tables() -> dict[str, Any]:
    """Moto's own tables, by their names."""
    return dynamodb_backends[DEFAULT_ACCOUNT_ID][mocked.REGION].tables


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
