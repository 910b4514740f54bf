"""A function that was restored from a snapshot asks for its credentials: what is shipped of boto3 for it works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.api_gateway import Gateway
from tests.support.container_credentials import container
from tests.support.engine_app import EngineApp
from tools.package.build import Package
from tools.runtime.sandbox import Change, execution, unpack


def restored(package: Package, environment: dict[str, str], folder: Path, change: Change) -> int:
    """Return how a function answers that has nothing but the container's address."""
    # The same engine by a name that the store does not know as this machine's: credentials are asked for.
    away = {"DYNAMODB_URL": environment["DYNAMODB_URL"].replace("127.0.0.1", "127.1")}
    with (
        container() as given,
        execution(unpack(package, folder / "task", change), folder / "log", environment | away | given) as started,
    ):
        return Gateway(started.handler).get("/cats/luna").status


def test_a_restored_function_finds_its_credentials(
    artefact: Package, engine_cafe: EngineApp, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    engine_cafe.staff.put("/cats/luna", {"status": "available"})
    assert restored(artefact, engine_environment, tmp_path, lambda name, content: content) == 200


@pytest.mark.parametrize("missing", ["botocore/docs/", "boto3/session.pyc", "dateutil/"])
def test_a_package_that_lacks_a_part_of_boto3_is_caught(
    artefact: Package, engine_environment: dict[str, str], tmp_path: Path, missing: str
) -> None:
    with pytest.raises(Exception, match="ImportModuleError"):
        restored(
            artefact, engine_environment, tmp_path, lambda name, content: None if name.startswith(missing) else content
        )
