"""The package as a deployment sees it: a file of some bytes that says which version it is."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools.cli import CliError
from tools.package.build import LIMIT_MB, MEGABYTE

VERSIONED = "api/__init__.py"

_VERSION = re.compile(r'^__version__ = "([^"]+)"', re.MULTILINE)


@dataclass(frozen=True)
class Artefact:
    """A package that can be deployed.

    Args:
        path: the zip.
        digest: its SHA-256, in hexadecimal.
        version: the version that it says it is.
    """

    path: Path
    digest: str
    version: str

    def __str__(self) -> str:
        """Name it, for people."""
        return f"version {self.version} (SHA-256 {self.digest})"


def read(path: Path, expected: str | None = None) -> Artefact:
    """Return the package in a file.

    Args:
        path: the zip.
        expected: the SHA-256 that it must have, if that is known.

    Raises:
        CliError: it is not there, too large, no package of ours, or not the one that was expected.
    """
    if not path.is_file():
        raise CliError(f"There is no artefact {path}. Nothing was changed.")
    size = path.stat().st_size / MEGABYTE
    if size > LIMIT_MB:
        raise CliError(f"{path} has {size:.1f} MB, and at most {LIMIT_MB:g} are allowed. Nothing was changed.")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if expected is not None and expected.lower() != digest:
        raise CliError(f"{path} has the SHA-256 {digest}, and {expected or 'none'} was expected. Nothing was changed.")
    return Artefact(path, digest, _version(path))


def _version(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            found = _VERSION.search(archive.read(VERSIONED).decode())
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        found = None
    if found is None:
        raise CliError(f"{path} is no package of ours: {VERSIONED} in it says no version. Nothing was changed.")
    return found[1]
