"""The deployment package, built once for all tests, and the digests of its files."""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path

import pytest

from tools.package.build import Package, build
from tools.package.target import host_target


@pytest.fixture(scope="session")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """Return the package for this machine. All pytest workers share one build."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "artefact"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        existing = next(folder.glob("clowder-*.zip"), None)
        return Package.at(existing) if existing else build(host_target(), folder)


def contents(folder: Path) -> dict[str, str]:
    """Return the SHA-256 digest of each file by its path. Root can write read-only files, so tests compare digests."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }
