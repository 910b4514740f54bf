"""The images that the tests look at, built once by buildah over a Debian of its own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tools.image.base import ensure_base
from tools.image.build import build
from tools.image.buildah import buildah
from tools.package.target import host_target

PROGRAMS = ("buildah", "debootstrap")


@pytest.fixture(scope="module")
def base() -> str:
    """A base image without anything of Lambda's."""
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if (missing or os.geteuid() != 0) and not os.environ.get("CI"):
        pytest.skip(f"images are built by root with buildah and debootstrap; missing: {missing or 'root'}")
    return ensure_base()


@pytest.fixture(scope="module")
def image(base: str) -> Iterator[str]:
    """The function's image."""
    yield from built(base, "lambda")


@pytest.fixture(scope="module")
def local_image(base: str) -> Iterator[str]:
    """The image of compose.yaml's café, built from nothing, as the function's is."""
    yield from built(base, "local")


def built(base: str, stage: str) -> Iterator[str]:
    name = f"localhost/clowder-test-{stage}-{os.getpid()}"
    build(base, host_target().architecture, name, stage)
    yield name
    buildah("rmi", "--force", name)


def inspect(image: str) -> dict[str, Any]:
    """Return what an image says of itself, as OCI spells it (https://github.com/opencontainers/image-spec)."""
    said: dict[str, Any] = json.loads(buildah("inspect", "--type=image", image))["OCIv1"]
    return said
