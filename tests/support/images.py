"""Fixtures of container images, built by buildah on two base images."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.base_image import create_lambda_base, ensure_base
from tests.support.buildah import build, buildah, exists

PROGRAMS = ("buildah", "debootstrap")


@pytest.fixture(scope="module")
def base() -> str:
    """Return the name of a base image without the files of Lambda."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if (missing or os.geteuid() != 0) and not os.environ.get("CI"):
        pytest.skip(f"images are built by root with buildah and debootstrap; missing: {missing or 'root'}")
    return ensure_base()


@pytest.fixture(scope="module")
def lambda_base(base: str) -> Iterator[str]:
    """Return the name of a base image with the files of Lambda that a build can use."""
    with temporary_image("base") as name:
        create_lambda_base(base, name)
        yield name


@pytest.fixture(scope="module")
def image(lambda_base: str) -> Iterator[str]:
    """Return the name of the image of the function."""
    with temporary_image("lambda") as name:
        build(lambda_base, name, "lambda")
        yield name


@pytest.fixture(scope="module")
def local_image(base: str) -> Iterator[str]:
    """Return the name of the image of compose.yaml."""
    with temporary_image("local") as name:
        build(base, name, "local")
        yield name


@contextmanager
def temporary_image(name: str) -> Iterator[str]:
    """Return a name for an image, and delete the image at the end."""
    image = f"localhost/clowder-test-{name}-{os.getpid()}"
    yield image
    if exists(image):
        buildah("rmi", "--force", image)
