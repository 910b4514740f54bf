"""Writes folders into a zip whose bytes depend on nothing but what is in them."""

from __future__ import annotations

import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold: no file of a package has a time of its own."""
READABLE = 0o100644
UNIX = 3


def add(folder: Path, archive: Path) -> None:
    """Add the files of a folder, in the order of their names, to an archive, which is made if it is not there."""
    with zipfile.ZipFile(archive, "a") as file:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.create_system, entry.external_attr = UNIX, READABLE << 16
            file.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
