"""Test ``npx serverless deploy`` and ``npx serverless owner`` from a fresh clone with Node and uv alone."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tools.deploy import osls
from tools.ops import cursor_key
from tools.rehearsal.environment import CommandResult, Environment


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, stage: Environment) -> str:
    """Return a PATH with Node, uv and the Python of the runtime."""
    folder = tmp_path_factory.mktemp("bin")
    for name in ("node", "uv"):
        program = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        assert program, f"{name} is not installed."
        (folder / name).symlink_to(program)
    python = Path(stage.target.interpreter()).parent
    return os.pathsep.join([str(folder), str(python), "/usr/bin", "/bin"])


@pytest.fixture(scope="module")
def deployed(stage: Environment, fresh_clone: Path, path: str) -> CommandResult:
    """Deploy from the fresh clone."""
    architecture = f"--param=architecture={stage.target.architecture}"
    return stage.serverless("deploy", architecture, root=fresh_clone, PATH=path)


def key_of(stage: Environment) -> tuple[str, int]:
    """Return the cursor key and its version."""
    name = cursor_key.parameter_name(stage.name)
    parameter = stage.cloud.client("ssm").get_parameter(Name=name)["Parameter"]
    return parameter["Value"], parameter["Version"]


def test_one_command_deploys_a_fresh_clone_and_shows_the_endpoint_and_the_next_command(
    deployed: CommandResult, stage: Environment, fresh_clone: Path
) -> None:
    assert deployed.code == 0, deployed.output
    assert not (fresh_clone / ".venv").exists()
    assert re.search(r"^endpoint: ANY - https://\S+$", deployed.output, re.M)
    assert f"npx serverless owner --stage {stage.name} --region eu-west-1" in deployed.output
    assert stage.request("GET", "/health").status == 200
    assert b"swagger" in stage.request("GET", "/static/vendor/swagger-ui.css").body


def test_the_deployment_creates_a_key_and_does_not_show_it(deployed: CommandResult, stage: Environment) -> None:
    value, version = key_of(stage)
    assert (len(value), version) == (64, 1)
    assert value not in deployed.output
    assert stage.environment()["CURSOR_KEY"] == value


def test_the_owner_command_prints_a_password_once(
    deployed: CommandResult, stage: Environment, fresh_clone: Path, path: str
) -> None:
    created = stage.serverless("owner", "--username", "ada", root=fresh_clone, PATH=path)
    assert created.code == 0, created.output
    password = created.output.strip().splitlines()[-1]
    assert stage.request("POST", "/sessions", {"username": "ada", "password": password}).status == 201
    again = stage.serverless("owner", "--username", "ada", root=fresh_clone, PATH=path)
    assert again.code == 1
    assert again.output.endswith("is ada. Nothing was changed.\n")


def test_a_live_stage_does_not_change_its_package_type_or_lose_its_key(
    deployed: CommandResult, stage: Environment
) -> None:
    digest = f"registry/clowder@sha256:{'0' * 64}"
    image = stage.serverless("deploy", "--param=packageType=image", f"--param=image={digest}")
    assert image.code == osls.REFUSED
    assert "has packageType zip, and Lambda cannot change it to image. Deploy to another stage." in image.output
    stage.cloud.client("ssm").delete_parameter(Name=cursor_key.parameter_name(stage.name))
    key = stage.serverless("deploy")
    assert key.code == osls.REFUSED
    assert f"the stage is live. A new key ends all sessions: make cursor-key STAGE={stage.name}." in key.output
    assert cursor_key.get_version(stage.cloud, stage.name) is None
