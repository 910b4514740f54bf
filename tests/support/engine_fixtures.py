"""The real engine: one for all tests of this folder, and one of its own for a test that kills it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, create_engine_app
from tests.support.fault_injection import FaultInjector, InjectFaults
from tools.local.dynamodb import DynamoDBEmulator

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DynamoDBEmulator]:
    """An engine that nobody kills."""
    with DynamoDBEmulator(tmp_path_factory.mktemp("engine") / "cafe.sqlite") as engine:
        yield engine


@pytest.fixture
def killable_engine(tmp_path: Path) -> Iterator[DynamoDBEmulator]:
    """An engine that a test may kill. It has to be started again by the thread of the test."""
    with DynamoDBEmulator(tmp_path / "cafe.sqlite") as engine:
        yield engine


@pytest.fixture
def make_app() -> Iterator[MakeEngineApp]:
    """Open cafés that are closed after the test, each on a new table of some engine."""
    cafes: list[EngineApp] = []

    def open_one(
        engine: DynamoDBEmulator, table: type[InstrumentedTable] = InstrumentedTable, **how: object
    ) -> EngineApp:
        cafes.append(create_engine_app(engine.url, f"cafe-{next(_numbers)}", table, **how))  # type: ignore[arg-type]
        return cafes[-1]

    yield open_one
    for cafe in cafes:
        cafe.close()


@pytest.fixture
def inject_faults() -> Iterator[InjectFaults]:
    """Inject faults into the requests of a café to its engine."""
    injectors: list[FaultInjector] = []

    def inject(cafe: EngineApp) -> FaultInjector:
        injectors.append(FaultInjector(cafe.table.client))
        return injectors[-1]

    yield inject
    for injector in injectors:
        injector.restore()


@pytest.fixture
def cafe(engine: DynamoDBEmulator, make_app: MakeEngineApp) -> EngineApp:
    """A café on the real engine, on a table of its own."""
    return make_app(engine)


@pytest.fixture
def make_broken_app(engine: DynamoDBEmulator, make_app: MakeEngineApp) -> MakeEngineApp:
    """Open a café on a broken table, to see a proof fail."""
    return lambda table, **how: make_app(engine, table, **how)
