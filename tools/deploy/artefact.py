"""The package of a deployment: its digest and version. The plugin of the serverless CLI checks it."""

from __future__ import annotations

import hashlib
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tools.cli import CliError

VERSION_FILE = "api/__init__.py"


@dataclass(frozen=True)
class Artefact:
    """A package.

    Args:
        digest: its SHA-256, in hexadecimal.
        version: the ``__version__`` in it.
    """

    digest: str
    version: str


def read(path: Path) -> Artefact:
    """Read a package.

    Raises:
        CliError: it is not a Clowder package.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            source = archive.read(VERSION_FILE).decode()
    except (OSError, zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        source = ""
    match = re.search(r'^__version__ = "([^"]+)"', source, re.MULTILINE)
    if match is None:
        raise CliError(f"{path} is not a Clowder package: it has no version in {VERSION_FILE}.")
    return Artefact(hashlib.sha256(path.read_bytes()).hexdigest(), match[1])
