"""What of ours is in the package: the code and pages of the repository, and the assets that make has brought."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools.cli import CliError

ROOT = Path(__file__).resolve().parents[2]
ALONE = ("handler.py", "LICENSE")
KINDS = {".py", ".html", ".css", ".js"}
"""What api/ consists of. What editors and systems leave there, and what people forget there, is of other kinds."""
VENDOR = Path("api/web/static/vendor")
ASSETS = ("swagger-ui-bundle.js", "swagger-ui-bundle.js.gz", "swagger-ui.css", "swagger-ui.css.gz", "LICENSE", "NOTICE")
"""Swagger UI for the page /docs, compressed and not."""


def find() -> list[Path]:
    """Return the paths of all files of ours, relative to the repository, in order.

    Raises:
        CliError: the assets are missing, or a module lies there that is not of the repository.
    """
    assets = [VENDOR / name for name in ASSETS]
    missing = [path.name for path in assets if not (ROOT / path).is_file()]
    if missing:
        raise CliError(
            f"Swagger UI is not in {VENDOR} ({missing[0]} is missing): remove that folder, and run make assets."
        )
    found = [path.relative_to(ROOT) for path in (ROOT / "api").rglob("*") if path.is_file() and path.suffix in KINDS]
    ours = [Path(name) for name in ALONE] + [path for path in found if VENDOR not in path.parents and _visible(path)]
    strange = sorted(set(ours) & _unknown_to_git())
    if strange:
        raise CliError(
            f"{strange[0]} would be deployed, and git does not know it: add it (git add), or take it out of api/."
        )
    return sorted(ours + assets)


def _visible(path: Path) -> bool:
    """Say whether a path is none of those that systems and editors hide (``._cats.py``, ``.#cats.py``)."""
    return not any(part.startswith(".") for part in path.parts)


def _unknown_to_git() -> set[Path]:
    """Return the files that lie in the repository and are not of it; none where there is no git to ask."""
    if not (ROOT / ".git").exists():
        return set()
    ask = ["git", "-C", str(ROOT), "ls-files", "-z", "--others", "--", "api", *ALONE]
    try:
        told = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return set()
    return {Path(name) for name in told.split("\0") if name}
