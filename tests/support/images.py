"""Fixtures of container images, built by buildah on a Debian base image."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.support.base_image import ensure_base
from tests.support.buildah import build, buildah

PROGRAMS = ("buildah", "debootstrap")


@pytest.fixture(scope="module")
def base() -> str:
    """Return the name of a base image without the files of Lambda."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if (missing or os.geteuid() != 0) and not os.environ.get("CI"):
        pytest.skip(f"images are built by root with buildah and debootstrap; missing: {missing or 'root'}")
    return ensure_base()


@pytest.fixture(scope="module")
def image(base: str) -> Iterator[str]:
    """Return the name of the image of the function."""
    yield from built_image(base, "lambda")


@pytest.fixture(scope="module")
def local_image(base: str) -> Iterator[str]:
    """Return the name of the image of compose.yaml."""
    yield from built_image(base, "local")


def built_image(base: str, stage: str) -> Iterator[str]:
    """Build a stage of the Dockerfile, and delete the image at the end."""
    name = f"localhost/clowder-test-{stage}-{os.getpid()}"
    build(base, name, stage)
    yield name
    buildah("rmi", "--force", name)
