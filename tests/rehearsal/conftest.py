"""Fixtures of a local AWS, one for each test module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.artefact import artefact
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
