"""The package to deploy: its file, digest and version."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools.cli import CliError
from tools.package.build import LIMIT_MB, MEGABYTE

VERSION_FILE = "api/__init__.py"


@dataclass(frozen=True)
class Artefact:
    """A package.

    Args:
        path: the zip file.
        digest: its SHA-256, in hexadecimal.
        version: the ``__version__`` in it.
    """

    path: Path
    digest: str
    version: str

    def __str__(self) -> str:
        """Return the version and the digest."""
        return f"version {self.version} (SHA-256 {self.digest})"


def read(path: Path, expected: str | None = None) -> Artefact:
    """Read and check a package.

    Args:
        path: the zip file.
        expected: the SHA-256 that it must have; None accepts any.

    Raises:
        CliError: the file is missing, too large, not a Clowder package, or has another digest.
    """
    if not path.is_file():
        raise CliError(f"There is no artefact {path}. Nothing was changed.")
    size = path.stat().st_size / MEGABYTE
    if size > LIMIT_MB:
        raise CliError(f"{path} has {size:.1f} MB, but the limit is {LIMIT_MB:g} MB. Nothing was changed.")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if expected is not None and expected.lower() != digest:
        raise CliError(f"{path} has the SHA-256 {digest}, but SHA256 is {expected or 'not set'}. Nothing was changed.")
    return Artefact(path, digest, _version(path))


def _version(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            source = archive.read(VERSION_FILE).decode()
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        source = ""
    match = re.search(r'^__version__ = "([^"]+)"', source, re.MULTILINE)
    if match is None:
        raise CliError(f"{path} is not a Clowder package: it has no version in {VERSION_FILE}. Nothing was changed.")
    return match[1]
