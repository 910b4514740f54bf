"""The function as Lambda has it: handler.py, imported with the environment of the deployed service."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from api.context import utc_now
from api.store.table import Table
from tests.support.api_gateway import Gateway
from tests.support.app import FakeClock, TestApp
from tests.support.engine_app import EngineApp, create_engine_app
from tools.local.dynamodb import DynamoDBEmulator

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "CURSOR_KEY": "a key that no gateway ever saw, 32 characters",
    "LOG_LEVEL": "ERROR",
    "STAGE": "dev",
    "STRIP_STAGE_PATH": "yes",
}

Import = Callable[[], ModuleType]


@pytest.fixture
def import_handler(mocked_table: Table, monkeypatch: pytest.MonkeyPatch) -> Import:
    """Imports handler.py anew each time, as a cold start does. Its own client talks to moto."""
    for name, value in {**ENVIRONMENT, "TABLE_NAME": mocked_table.name}.items():
        monkeypatch.setenv(name, value)

    def run() -> ModuleType:
        spec = importlib.util.spec_from_file_location("cold_handler", ROOT / "handler.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return run


@pytest.fixture
def function(import_handler: Import) -> ModuleType:
    """The module handler.py."""
    return import_handler()


@pytest.fixture
def gateway(function: ModuleType) -> Gateway:
    """The API on its own domain and the stage ``$default``, in front of the function."""
    return Gateway(function.handler)


@pytest.fixture
def staff(mocked_table: Table) -> dict[str, str]:
    """The headers of somebody of the staff, whose token holds now (the function's clock is the world's)."""
    return {"authorization": f"Bearer {TestApp(mocked_table, FakeClock(utc_now())).token('staff')}"}


@pytest.fixture(scope="module")
def engine_cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineApp]:
    """The store behind a function in a process of its own: a real engine."""
    with DynamoDBEmulator(tmp_path_factory.mktemp("engine") / "cafe.sqlite") as engine:
        opened = create_engine_app(engine.url, "clowder-shipped")
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def engine_environment(engine_cafe: EngineApp) -> dict[str, str]:
    """The environment of such a function."""
    return ENVIRONMENT | {"DYNAMODB_URL": engine_cafe.url, "TABLE_NAME": engine_cafe.table.name, "LOG_LEVEL": "INFO"}
