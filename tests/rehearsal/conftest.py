"""Fixtures of a local AWS, one for each test module."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.artefact import artefact
from tools.deploy.serverless_config import ROOT
from tools.package.target import host_target
from tools.rehearsal.environment import Environment
from tools.rehearsal.ministack import MiniStack

__all__ = ["artefact"]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """Start an empty local AWS."""
    with MiniStack(tmp_path_factory.mktemp("aws")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def stage(cloud: MiniStack) -> Environment:
    """Return a stage without a deployment."""
    return Environment(cloud, host_target())


@pytest.fixture(scope="session")
def fresh_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tracked files, with the npm packages of ``npm ci`` and nothing else."""
    root = tmp_path_factory.mktemp("clone")
    for name in ("api", "infra", "tools"):
        ignored = shutil.ignore_patterns("__pycache__", "vendor")
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git":
            shutil.copy(path, root)
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    return root
