"""Puts the package together, with its checksum and the list of what is in it."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.cli import CliError
from tools.package import archive, dependency_cache, sbom, sources
from tools.package.target import Target

DIST = sources.ROOT / "dist"
LIMIT_MB = 6.0
"""What a package may have. Lambda would take 50; every megabyte is fetched and unpacked before a cold start."""
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Package:
    """A package on disk.

    Args:
        path: the zip. Beside it lie ``.sha256``, as sha256sum checks it, and ``.cdx.json``, the bill of materials.
        sha256: its digest, in hexadecimal.
        size: in bytes.
    """

    path: Path
    sha256: str
    size: int

    @classmethod
    def at(cls, path: Path) -> Package:
        """Return the package that lies somewhere."""
        content = path.read_bytes()
        return cls(path, hashlib.sha256(content).hexdigest(), len(content))


def build(target: Target, folder: Path = DIST, limit_mb: float = LIMIT_MB) -> Package:
    """Build the package for a target into a folder. What lies there is replaced by a whole new one, or not touched.

    Raises:
        CliError: something is missing, or the package would be over the limit.
    """
    ours = sources.find()
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-", dir=folder) as name:
        path = Path(name) / f"clowder-{target.name}.zip"
        dependencies = dependency_cache.dependencies(target)
        shutil.copyfile(dependencies.archive, path)
        archive.add(_compiled(ours, target, Path(name) / "task"), path)
        package = Package.at(path)
        if package.size > limit_mb * MEGABYTE:
            size = package.size / MEGABYTE
            raise CliError(
                f"The package would have {size:.2f} MB, and at most {limit_mb:g} are allowed; none was made."
            )
        checksum, materials = path.with_suffix(".zip.sha256"), path.with_suffix(".cdx.json")
        checksum.write_text(f"{package.sha256}  {path.name}\n", encoding="ascii")
        materials.write_text(sbom.cyclonedx(package.sha256, path, dependencies.wheels), encoding="utf-8")
        for file in (materials, checksum, path):
            file.replace(folder / file.name)
    return Package(folder / path.name, package.sha256, package.size)


def _compiled(ours: list[Path], target: Target, task: Path) -> Path:
    """Copy what is ours into a folder and compile it. The sources stay beside it: tracebacks show them."""
    for place in ours:
        (task / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sources.ROOT / place, task / place)
    target.compile(task, with_source=True)
    return task
