"""The package as it is deployed, built once for all tests, and what its files are."""

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
    """The package for this machine, built once for all of pytest's workers."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "artefact"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = next(folder.glob("*.zip"), None)
        return Package.at(made) if made else build(host_target(), folder)


def contents(task: Path) -> dict[str, str]:
    """Return the files of a folder with their digests: no permission holds root back, so a test compares these."""
    return {
        str(path.relative_to(task)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in task.rglob("*")
        if path.is_file()
    }
