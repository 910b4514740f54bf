"""Writes reproducible zip files, whose bytes depend only on the content of the files."""

from __future__ import annotations

import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The time of every file: the earliest time that a zip can store."""
FILE_MODE = 0o100644
UNIX = 3
LEVEL = 7
"""The level of the compression. Level 9 needs twice the time and saves half a per cent."""


def write(archive: Path, *folders: Path) -> None:
    """Write the files of folders to a zip, sorted by path. No two folders have a file of the same path."""
    files = {path.relative_to(folder): path for folder in folders for path in folder.rglob("*") if path.is_file()}
    with zipfile.ZipFile(archive, "w") as file:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name.as_posix(), EPOCH)
            entry.create_system, entry.external_attr = UNIX, FILE_MODE << 16
            file.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, LEVEL)
