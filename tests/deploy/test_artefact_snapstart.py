"""Test that a function restored from a snapshot gets its credentials with the packaged part of boto3."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.api_gateway import Gateway
from tests.support.container_credentials import container
from tests.support.engine_app import EngineApp
from tools.package.build import Package
from tools.runtime.sandbox import Change, execution, unpack


def get_status(package: Package, environment: dict[str, str], folder: Path, change: Change) -> int:
    """Return the status of a request to a function that gets its credentials from the container endpoint."""
    # The client needs no credentials for a loopback host, and does not recognise this name as one.
    endpoint = {"DYNAMODB_URL": environment["DYNAMODB_URL"].replace("127.0.0.1", "127.1")}
    with (
        container() as credentials,
        execution(
            unpack(package, folder / "task", change), folder / "log", environment | endpoint | credentials
        ) as function,
    ):
        return Gateway(function.handler).get("/cats/luna").status


def test_a_restored_function_gets_its_credentials(
    artefact: Package, engine_cafe: EngineApp, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    engine_cafe.staff.put("/cats/luna", {"status": "available"})
    assert get_status(artefact, engine_environment, tmp_path, lambda name, content: content) == 200


@pytest.mark.parametrize("missing", ["botocore/docs/", "boto3/session.pyc", "dateutil/"])
def test_a_package_without_a_part_of_boto3_fails(
    artefact: Package, engine_environment: dict[str, str], tmp_path: Path, missing: str
) -> None:
    with pytest.raises(Exception, match="ImportModuleError"):
        get_status(
            artefact, engine_environment, tmp_path, lambda name, content: None if name.startswith(missing) else content
        )
