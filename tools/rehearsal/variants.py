"""Variants of the package: a newer version, one whose cats have a field more, and one whose writes fail."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path, PurePosixPath

from tools.cli import CliError
from tools.package.archive import LEVEL

NEWER_VERSION = "0.99.0"
NEWER = {"api/__init__.py": f'__version__ = "{NEWER_VERSION}"\n'}
"""The same code with a newer version."""
HANDLER = "handler.py"
FAILING_WRITES = """

def _fail(*_: object) -> None:
    raise RuntimeError("The writes of this version fail, on purpose.")


type(_table).transact = _fail
"""

CATS = "api/domain/cats.py"
FIELD = "    description: LongText | None = None\n"
"""The last field of the cats."""


def with_cat_field(package: Path) -> dict[str, str]:
    """Return the modules of a newer version whose cats have one text more, ``purr``.

    Raises:
        CliError: the package has no such module or field.
    """
    source = _source(package, CATS)
    if FIELD not in source:
        raise CliError(f"{CATS} of {package} has no field 'description'. Correct tools/rehearsal/variants.py.")
    return NEWER | {CATS: source.replace(FIELD, FIELD + "    purr: ShortText | None = None\n", 1)}


def with_failing_writes(package: Path) -> dict[str, str]:
    """Return the modules of a version that reads as before, and whose transactions fail."""
    return {HANDLER: _source(package, HANDLER) + FAILING_WRITES}


def _source(package: Path, name: str) -> str:
    """Return the source of a module; an empty text if the package does not have it."""
    with zipfile.ZipFile(package) as archive:
        return archive.read(name).decode() if name in archive.namelist() else ""


def variant(package: Path, target: Path, members: dict[str, str]) -> Path:
    """Copy a package with other content for some modules, and without their old bytecode.

    The package of the photo function is copied too, unchanged.
    """
    for photos in package.parent.glob("photos-*.zip"):
        shutil.copyfile(photos, target.parent / photos.name)
    stale = tuple(str(PurePosixPath(name).parent / "__pycache__" / PurePosixPath(name).stem) + "." for name in members)
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            if entry.filename not in members and not entry.filename.startswith(stale):
                new.writestr(entry, old.read(entry), zipfile.ZIP_DEFLATED, LEVEL)
        for name, source in members.items():
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), source, zipfile.ZIP_DEFLATED, LEVEL)
    return target
