"""Fixtures of the Lambda function: handler.py, imported with the environment of the deployed service."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from api.context import utc_now
from api.store.table import Table
from tests.support.api_gateway import Gateway
from tests.support.app import CURSOR_KEY, FakeClock, TestApp
from tests.support.engine_app import EngineApp, create_engine_app
from tools.local.dynamodb import DynamoDBEmulator

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "CURSOR_KEY": CURSOR_KEY,
    "LOG_LEVEL": "ERROR",
    "STAGE": "dev",
    "STRIP_STAGE_PATH": "yes",
}

ImportHandler = Callable[[], ModuleType]


@pytest.fixture
def import_handler(mocked_table: Table, monkeypatch: pytest.MonkeyPatch) -> ImportHandler:
    """Return a function that imports handler.py again, as a cold start does. Its client uses moto."""
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
def function(import_handler: ImportHandler) -> ModuleType:
    """Return the module handler.py."""
    return import_handler()


@pytest.fixture
def gateway(function: ModuleType) -> Gateway:
    """Return an HTTP API with the stage ``$default`` in front of the function."""
    return Gateway(function.handler)


@pytest.fixture
def staff(mocked_table: Table) -> dict[str, str]:
    """Return the headers of a staff user. The function uses the system clock, so the token is valid now."""
    return {"authorization": f"Bearer {TestApp(mocked_table, FakeClock(utc_now())).token('staff')}"}


@pytest.fixture(scope="module")
def engine_cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineApp]:
    """Return an app on the DynamoDB emulator, for a function that runs in its own process."""
    with DynamoDBEmulator(tmp_path_factory.mktemp("engine") / "cafe.sqlite") as engine:
        app = create_engine_app(engine.url, "clowder-shipped")
        yield app
        app.close()


@pytest.fixture(scope="module")
def engine_environment(engine_cafe: EngineApp) -> dict[str, str]:
    """Return the environment of a function that uses the emulator."""
    return ENVIRONMENT | {"DYNAMODB_URL": engine_cafe.url, "TABLE_NAME": engine_cafe.table.name, "LOG_LEVEL": "INFO"}
