"""Keeps the half of the package that seldom changes, the dependencies: to make it takes most of a build's time."""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.package import archive
from tools.package.dependencies import REQUIREMENTS, Wheels, install, prune
from tools.package.sources import ROOT
from tools.package.target import Target

PLACE = ROOT / ".tools" / "package"
HERE = Path(__file__).parent
ARCHIVE, WHEELS, SUMS = "dependencies.zip", "wheels.json", "sums.json"


@dataclass(frozen=True)
class Dependencies:
    """The dependencies as they are deployed: the beginning of a package, and the wheels that they came from."""

    archive: Path
    wheels: Wheels


def dependencies(target: Target) -> Dependencies:
    """Return the target's dependencies: those that were made before from the same input, if they are whole.

    Raises:
        Problem: they cannot be made.
    """
    place = PLACE / f"{target.name}-{_key(target)}"
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # who comes second waits, and finds what the first has made
        if not _is_complete(place):
            _make(target, place)
    return Dependencies(place / ARCHIVE, json.loads((place / WHEELS).read_text(encoding="utf-8")))


def _key(target: Target) -> str:
    """Return what changes with anything that the dependencies depend on: their list, these tools, the compiler."""
    digest = hashlib.sha256(f"{target.name} {target.compiler()}".encode())
    for path in (REQUIREMENTS, *sorted(HERE.glob("*.py"))):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _make(target: Target, place: Path) -> None:
    """Make them aside and put them in place at once: an end at any moment leaves nothing that looks whole."""
    with TemporaryDirectory(prefix=".new-", dir=PLACE) as name:
        task, fresh = Path(name) / "task", Path(name) / "kept"
        fresh.mkdir()
        wheels = install(target, task)
        prune(task)
        target.compile(task, with_source=False)
        archive.add(task, fresh / ARCHIVE)
        (fresh / WHEELS).write_text(json.dumps(wheels), encoding="utf-8")
        (fresh / SUMS).write_text(json.dumps(_checksums(fresh)), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        fresh.rename(place)


def _is_complete(place: Path) -> bool:
    try:
        return bool(json.loads((place / SUMS).read_text(encoding="utf-8")) == _checksums(place))
    except (OSError, ValueError):
        return False


def _checksums(place: Path) -> dict[str, str]:
    return {name: hashlib.sha256((place / name).read_bytes()).hexdigest() for name in (ARCHIVE, WHEELS)}
