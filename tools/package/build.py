"""Builds the package with its checksum and its bill of materials."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.package import archive, assets, sbom, sources
from tools.package.dependencies import install_compiled
from tools.package.target import Target

DIST = sources.ROOT / "dist"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Package:
    """A package on disk.

    Args:
        path: the zip. ``.zip.sha256`` with its checksum and ``.cdx.json`` with its bill of materials are in its folder.
        sha256: the SHA-256 of the zip, in hexadecimal.
        size: the size of the zip in bytes.
    """

    path: Path
    sha256: str
    size: int

    @classmethod
    def at(cls, path: Path) -> Package:
        """Return the package at a path."""
        content = path.read_bytes()
        return cls(path, hashlib.sha256(content).hexdigest(), len(content))


def build(target: Target, folder: Path = DIST) -> Package:
    """Build the package for a target into a folder. If the build fails, an existing package stays unchanged.

    Raises:
        CliError: an input is missing.
    """
    assets.copy_missing()
    files = sources.find()
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-", dir=folder) as name:
        path, task = Path(name) / f"clowder-{target.name}.zip", Path(name) / "task"
        install_compiled(target, task)
        sources.copy(files, task)
        target.compile(task, with_source=True)
        archive.write(task, path)
        package = Package.at(path)
        checksum, materials = path.with_suffix(".zip.sha256"), path.with_suffix(".cdx.json")
        checksum.write_text(f"{package.sha256}  {path.name}\n", encoding="ascii")
        materials.write_text(sbom.cyclonedx(package.sha256, task), encoding="utf-8")
        for file in (materials, checksum, path):
            file.replace(folder / file.name)
    return Package(folder / path.name, package.sha256, package.size)
