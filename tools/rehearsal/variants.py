"""Other packages, made of the one that works: a newer one, and such as do not work."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

NEWER = {"api/__init__.py": '__version__ = "{version}"\n'}
"""One that does the same and calls itself newer."""
FAILS_AT_START = {"handler.py": 'raise RuntimeError("It does not start, on purpose.")\n'}


def variant(package: Path, place: Path, members: dict[str, str], **values: str) -> Path:
    """Copy a package with some of its modules written anew, and without the bytecode of the old ones."""
    stale = tuple(str(PurePosixPath(name).parent / "__pycache__" / PurePosixPath(name).stem) + "." for name in members)
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(place, "w") as new:
        for entry in old.infolist():
            if entry.filename not in members and not entry.filename.startswith(stale):
                new.writestr(entry, old.read(entry), zipfile.ZIP_DEFLATED)
        for name, source in members.items():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), source.format(**values))
    return place
