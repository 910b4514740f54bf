"""Variants of the package: a newer version, and a version that fails."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

NEWER_VERSION = "0.99.0"
NEWER = {"api/__init__.py": f'__version__ = "{NEWER_VERSION}"\n'}
"""The same code with a newer version."""
FAILS_AT_START = {"handler.py": 'raise RuntimeError("This version fails at the start, on purpose.")\n'}


def variant(package: Path, target: Path, members: dict[str, str]) -> Path:
    """Copy a package with other content for some modules, and without their old bytecode."""
    stale = tuple(str(PurePosixPath(name).parent / "__pycache__" / PurePosixPath(name).stem) + "." for name in members)
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            if entry.filename not in members and not entry.filename.startswith(stale):
                new.writestr(entry, old.read(entry), zipfile.ZIP_DEFLATED)
        for name, source in members.items():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), source)
    return target
