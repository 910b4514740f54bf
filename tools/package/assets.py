"""Copies Swagger UI, the page /docs, from node_modules into api/: ``python -m tools.package.assets``."""

from __future__ import annotations

import os
import zlib

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
    """Copy the assets, and compress the large ones.

    Raises:
        CliError: npm has not installed Swagger UI.
    """
    source, folder = ROOT / "node_modules" / "swagger-ui-dist", ROOT / VENDOR
    if not source.is_dir():
        raise CliError("Swagger UI, the page /docs, is not in node_modules. Run npm ci, which installs it.")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ASSETS:
        content = (source / name.removesuffix(".gz")).read_bytes()
        new = folder / f".{name}.{os.getpid()}"
        new.write_bytes(zlib.compress(content, 9, GZIP_FORMAT) if name.endswith(".gz") else content)
        new.replace(folder / name)


if __name__ == "__main__":
    run_main(copy)
