"""The source files of the package: handler.py, api/ and the assets of Swagger UI."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.cli import CliError

ROOT = Path(__file__).resolve().parents[2]
TOP_LEVEL = ("handler.py", "LICENSE")
SUFFIXES = {".py", ".json", ".html", ".css", ".js"}
"""The suffixes of the files of api/. Files of editors and systems have other suffixes."""
VENDOR = Path("api/web/static/vendor")
ASSETS = ("swagger-ui-bundle.js.gz", "swagger-ui.css.gz", "LICENSE", "NOTICE")
"""Swagger UI for the page /docs, compressed."""


def find() -> list[Path]:
    """Return the sorted paths of the source files, relative to the repository.

    Raises:
        CliError: a file is not tracked by git.
    """
    files = [path.relative_to(ROOT) for path in (ROOT / "api").rglob("*") if path.is_file()]
    files = [path for path in files if path.suffix in SUFFIXES and VENDOR not in path.parents and not _is_hidden(path)]
    files += map(Path, TOP_LEVEL)
    untracked = sorted(set(files) & _untracked_files())
    if untracked:
        raise CliError(f"{untracked[0]} is not tracked by git. Add it with git add, or remove it from api/.")
    return sorted([*files, *(VENDOR / name for name in ASSETS)])


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
