"""Copies Swagger UI, the page /docs, from node_modules into api/: ``python -m tools.package.assets``."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

from tools.cli import CliError, run_main
from tools.package.sources import ASSETS, ROOT, VENDOR

GZIP_FORMAT = 31
"""The value of ``wbits`` for a gzip header (https://docs.python.org/3/library/zlib.html). It has no time."""


def copy_missing() -> None:
    """Copy the assets, unless they exist.

    Raises:
        CliError: npm has not installed Swagger UI.
    """
    if not all((ROOT / VENDOR / name).is_file() for name in ASSETS):
        copy()


def copy() -> None:
    """Copy the assets, and compress the large ones. A file with the same content does not change.

    Another Python may compress to other bytes, and a package is the same until its content changes.

    Raises:
        CliError: npm has not installed Swagger UI.
    """
    source, folder = ROOT / "node_modules" / "swagger-ui-dist", ROOT / VENDOR
    if not source.is_dir():
        raise CliError("Swagger UI, the page /docs, is not in node_modules. Run npm ci, which installs it.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ASSETS:
        content = (source / name.removesuffix(".gz")).read_bytes()
        if _has(folder / name, content):
            continue
        new = folder / f".{name}.{os.getpid()}"
        new.write_bytes(zlib.compress(content, 9, GZIP_FORMAT) if name.endswith(".gz") else content)
        new.replace(folder / name)


def _has(path: Path, content: bytes) -> bool:
    """Return whether an asset exists and has this content."""
    if not path.is_file():
        return False
    existing = path.read_bytes()
    try:
        return (zlib.decompress(existing, GZIP_FORMAT) if path.suffix == ".gz" else existing) == content
    except zlib.error:
        return False


if __name__ == "__main__":
    run_main(copy)
