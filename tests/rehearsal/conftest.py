"""An AWS on this machine for each file of tests; the package is built once for all of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deploy.artefact import artefact
from tools.package.target import here
from tools.rehearse.ministack import MiniStack
from tools.rehearse.stage import Stage

__all__ = ["artefact"]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MiniStack]:
    """An AWS with nothing in it."""
    with MiniStack(tmp_path_factory.mktemp("aws")) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def stage(cloud: MiniStack) -> Stage:
    """A stage of which nothing is deployed."""
    return Stage(cloud, here())
