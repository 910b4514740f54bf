"""Copies Swagger UI, for the page /docs, from node_modules: ``python -m tools.package.assets`` (``make assets``)."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from tools.cli import CliError, run_main

ROOT = Path(__file__).resolve().parents[2]
SOURCE = Path("node_modules/swagger-ui-dist")
VENDOR = Path("api/web/static/vendor")
COMPRESSED = ("swagger-ui-bundle.js", "swagger-ui.css")
PLAIN = ("LICENSE", "NOTICE")
ASSETS = (*(f"{name}.gz" for name in COMPRESSED), *PLAIN)
"""The files that the API serves and the package contains."""


def copy_assets(root: Path = ROOT) -> None:
    """Copy and compress the files that are missing or that differ from those in node_modules.

    Raises:
        CliError: a file is missing in both folders.
    """
    vendor = root / VENDOR
    vendor.mkdir(parents=True, exist_ok=True)
    for name in (*COMPRESSED, *PLAIN):
        source, copy = root / SOURCE / name, vendor / name
        stored = copy if name in PLAIN else vendor / f"{name}.gz"
        if not source.is_file():
            if not stored.is_file():
                raise CliError(f"Swagger UI is not installed ({SOURCE / name} is missing). Run npm ci.")
            continue
        content = source.read_bytes()
        if not (stored.is_file() and copy.is_file() and copy.read_bytes() == content):
            if name in COMPRESSED:
                _write(stored, gzip.compress(content, mtime=0))
            _write(copy, content)


def _write(path: Path, content: bytes) -> None:
    """Replace a file at once, because a server may be reading it."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_bytes(content)
    new.replace(path)


if __name__ == "__main__":
    run_main(copy_assets)
