"""Builds the packages of the two functions, with the checksum and the bills of materials."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.package import archive, assets, sbom, sources
from tools.package.dependencies import install_compiled, install_photo_requirements
from tools.package.target import TASK, Target
from tools.package.templates import COMPILED, compile_templates

DIST = sources.ROOT / "dist"
MEGABYTE = 1_000_000
IMAGING = Path("api", "imaging")
"""The modules that only the photo function has."""
PHOTOS_DIGEST = "photos-sha256-"
"""The name of an empty file in the package of the API, before the SHA-256 of the package of the photo function."""


@dataclass(frozen=True)
class Package:
    """The package of the API on disk.

    Its folder also has its checksum (``.zip.sha256``), the package of the photo function (``photos-TARGET.zip``), and
    the bills of materials of both (``.cdx.json``).

    Args:
        path: the zip.
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


def photo_package(target: Target) -> str:
    """Return the name of the package of the photo function."""
    return f"photos-{target.name}.zip"


def build(target: Target, folder: Path = DIST) -> Package:
    """Build the packages for a target into a folder. If the build fails, existing packages stay unchanged.

    The package of the photo function has the same files, its own modules and Pillow. The package of the API contains
    its SHA-256, so that the checksum of one package is that of both.

    Raises:
        CliError: an input is missing.
    """
    assets.copy_missing()
    files = sources.find()
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".new-", dir=folder) as name:
        new, task, pillow = Path(name), Path(name) / "task", Path(name) / "pillow"
        path, photos = new / f"clowder-{target.name}.zip", new / photo_package(target)
        fill(target, files, task)
        install_photo_requirements(target, pillow)
        archive.write(photos, task, pillow)
        shutil.rmtree(task / IMAGING)
        photos_sha256 = Package.at(photos).sha256
        (task / f"{PHOTOS_DIGEST}{photos_sha256}").touch()
        archive.write(path, task)
        package = Package.at(path)
        path.with_suffix(".zip.sha256").write_text(f"{package.sha256}  {path.name}\n", encoding="ascii")
        for file, sha256, folders in ((path, package.sha256, [task]), (photos, photos_sha256, [task, pillow])):
            file.with_suffix(".cdx.json").write_text(sbom.cyclonedx(sha256, *folders), encoding="utf-8")
        _publish(path, folder)
    return Package(folder / path.name, package.sha256, package.size)


def _publish(path: Path, folder: Path) -> None:
    """Move a package of the API and the files beside it into a folder.

    The package is the last, so that it never refers to a package of photos that is not there.
    """
    for file in sorted(file for file in path.parent.iterdir() if file.is_file() and file != path):
        file.replace(folder / file.name)
    path.replace(folder / path.name)


def fill(target: Target, files: list[Path], task: Path) -> None:
    """Write the files of the API's package into a folder: its packages, its sources and their bytecode."""
    install_compiled(target, task)
    sources.copy(files, task)
    compile_templates(target, task)
    target.compile(task / COMPILED, with_source=False, path=f"{TASK}/{COMPILED.as_posix()}")
    target.compile(task, with_source=True)
