"""Writes a folder as a zip whose bytes depend on nothing but what is in the folder."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold: no file of a package has a time of its own."""
READABLE = 0o100644


def write(folder: Path, archive: Path) -> str:
    """Write the archive and return its SHA-256, in hexadecimal."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    fresh = archive.with_name(f"{archive.name}.new")
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.create_system, entry.external_attr = 3, READABLE << 16
            file.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    fresh.replace(archive)
    return hashlib.sha256(archive.read_bytes()).hexdigest()
