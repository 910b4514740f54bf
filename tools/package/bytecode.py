"""Compiles the modules of a folder. A script for the target's own Python, alone: it imports nothing of ours.

Usage: ``python -I -S bytecode.py FOLDER WITH_SOURCE...``

/var/task is read-only: without bytecode in the package, every cold start would compile every module. It is marked as
never to be checked against its source (PEP 552), so that it depends on no time stamp. Modules outside of the folders
WITH_SOURCE are kept as bytecode alone, in the place of their source.
"""

from __future__ import annotations

import importlib.util
import py_compile
import sys
from pathlib import Path

TASK = "/var/task"
"""Where Lambda unpacks the package: what tracebacks name."""


def main() -> None:
    """Compile in a fixed order, in one process: what marshal writes depends on both."""
    folder, with_source = Path(sys.argv[1]), set(sys.argv[2:])
    for source in sorted(folder.rglob("*.py")):
        place = source.relative_to(folder)
        kept = place.parts[0] in with_source
        compiled = importlib.util.cache_from_source(str(source)) if kept else f"{source}c"
        py_compile.compile(
            str(source), compiled, f"{TASK}/{place.as_posix()}", doraise=True, optimize=-1,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )  # fmt: skip
        if not kept:
            source.unlink()


if __name__ == "__main__":
    main()
