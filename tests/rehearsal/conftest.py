"""An AWS on this machine, for the tests of one worker; the package is built once for all of them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.deploy.artefact import artefact
from tools.deploy import osls
from tools.package.target import here
from tools.rehearse import ministack
from tools.rehearse.ministack import MiniStack
from tools.rehearse.stage import Stage

__all__ = ["artefact"]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """An AWS with nothing in it."""
    missing = [str(tool) for tool in (ministack.PYTHON, osls.PROGRAM) if not tool.is_file()]
    if missing and os.environ.get("CI") != "true":
        pytest.skip(f"{', '.join(missing)} is not installed: make test installs it.")
    assert not missing
    with MiniStack(tmp_path_factory.mktemp("aws")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def stage(cloud: MiniStack) -> Stage:
    """A stage of which nothing is deployed."""
    return Stage(cloud, here())
