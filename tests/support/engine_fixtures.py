"""Fixtures of DynamoDB emulators: one that all tests of a folder share, and one that a test may kill."""

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
    """An emulator that runs to the end of the session."""
    with DynamoDBEmulator(tmp_path_factory.mktemp("engine") / "cafe.sqlite") as engine:
        yield engine


@pytest.fixture
def killable_engine(tmp_path: Path) -> Iterator[DynamoDBEmulator]:
    """An emulator that a test may kill. Only the thread of the test may start it again."""
    with DynamoDBEmulator(tmp_path / "cafe.sqlite") as engine:
        yield engine


@pytest.fixture
def make_app() -> Iterator[MakeEngineApp]:
    """A factory of applications, each on a new table of a given emulator. They are closed after the test."""
    apps: list[EngineApp] = []

    def make(
        engine: DynamoDBEmulator, table: type[InstrumentedTable] = InstrumentedTable, **options: object
    ) -> EngineApp:
        apps.append(create_engine_app(engine.url, f"cafe-{next(_numbers)}", table, **options))  # type: ignore[arg-type]
        return apps[-1]

    yield make
    for app in apps:
        app.close()


@pytest.fixture
def inject_faults() -> Iterator[InjectFaults]:
    """A function that injects faults into the requests of an application to its emulator."""
    injectors: list[FaultInjector] = []

    def inject(cafe: EngineApp) -> FaultInjector:
        injectors.append(FaultInjector(cafe.table.client))
        return injectors[-1]

    yield inject
    for injector in injectors:
        injector.restore()


@pytest.fixture
def cafe(engine: DynamoDBEmulator, make_app: MakeEngineApp) -> EngineApp:
    """The application on a new table of the emulator."""
    return make_app(engine)


@pytest.fixture
def make_broken_app(engine: DynamoDBEmulator, make_app: MakeEngineApp) -> MakeEngineApp:
    """A factory of applications on a mutant of the table."""
    return lambda table, **options: make_app(engine, table, **options)
