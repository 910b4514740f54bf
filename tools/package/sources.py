"""The source files of the package: handler.py, api/ and the assets of Swagger UI.

``python -m tools.package.sources`` copies the assets from node_modules into api/.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import zlib
from pathlib import Path

from tools.cli import CliError, run_main

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = ("handler.py", "LICENSE")
SUFFIXES = {".py", ".json", ".html", ".css", ".js"}
"""The suffixes of the files of api/. Files of editors and systems have other suffixes."""
VENDOR = Path("api/web/static/vendor")
ASSETS = ("swagger-ui-bundle.js.gz", "swagger-ui.css.gz", "LICENSE", "NOTICE")
"""Swagger UI for the page /docs, compressed."""
SWAGGER = ROOT / "node_modules" / "swagger-ui-dist"
GZIP = 31
"""The value of zlib's ``wbits`` for the format of gzip, without a time."""


def find() -> list[Path]:
    """Return the sorted paths of the source files, relative to the repository.

    Raises:
        CliError: an asset is missing and cannot be copied, or a file is not tracked by git.
    """
    assets = [VENDOR / name for name in ASSETS]
    # The build of an image has the assets of an earlier stage and no node_modules.
    if SWAGGER.is_dir() or not all((ROOT / path).is_file() for path in assets):
        copy_assets()
    files = [path.relative_to(ROOT) for path in (ROOT / "api").rglob("*") if path.is_file()]
    files = [path for path in files if path.suffix in SUFFIXES and VENDOR not in path.parents and not _is_hidden(path)]
    files += map(Path, TOP_LEVEL)
    untracked = sorted(set(files) & _untracked_files())
    if untracked:
        raise CliError(f"{untracked[0]} is not tracked by git. Add it with git add, or remove it from api/.")
    return sorted(files + assets)


def copy_assets() -> None:
    """Copy Swagger UI from node_modules and compress its large files.

    Raises:
        CliError: npm has not installed Swagger UI.
    """
    vendor = ROOT / VENDOR
    if not SWAGGER.is_dir():
        raise CliError("Swagger UI, the page /docs, is not in node_modules. Run npm ci, which installs it.")
    vendor.mkdir(parents=True, exist_ok=True)
    for name in ASSETS:
        content = (SWAGGER / name.removesuffix(".gz")).read_bytes()
        new = vendor / f".{name}.{os.getpid()}"
        new.write_bytes(zlib.compress(content, 9, GZIP) if name.endswith(".gz") else content)
        new.replace(vendor / name)


def copy(files: list[Path], folder: Path) -> None:
    """Copy source files into a folder."""
    for path in files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, folder / path)


def _is_hidden(path: Path) -> bool:
    """Return whether a part of the path begins with a dot, as in ``._cats.py`` and ``.#cats.py``."""
    return any(part.startswith(".") for part in path.parts)


def _untracked_files() -> set[Path]:
    """Return the files that git does not track, or none outside of a git repository."""
    if not (ROOT / ".git").exists():
        return set()
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--others", "--", "api", *TOP_LEVEL]
    try:
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return set()
    return {Path(name) for name in output.split("\0") if name}


if __name__ == "__main__":
    run_main(copy_assets)
