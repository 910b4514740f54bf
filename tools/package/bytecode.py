"""Compiles the modules of a folder. A script for the target's own Python, alone: it imports nothing of ours.

Usage: ``python bytecode.py FOLDER [keep]``

/var/task is read-only: without bytecode in the package, every cold start would compile every module. It is marked as
never to be checked against its source (PEP 552), so that it depends on no time stamp. Where sources are not to be kept,
the bytecode takes their place.
"""

from __future__ import annotations

import importlib.util
import py_compile
import sys
from pathlib import Path

TASK = "/var/task"
"""Where Lambda unpacks the package: what tracebacks name."""


def main(folder: Path, keep: bool) -> None:
    """Compile in a fixed order, in one process: what marshal writes depends on both."""
    for source in sorted(folder.rglob("*.py")):
        compiled = importlib.util.cache_from_source(str(source)) if keep else f"{source}c"
        py_compile.compile(
            str(source), compiled, f"{TASK}/{source.relative_to(folder).as_posix()}", doraise=True, optimize=-1,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )  # fmt: skip
        if not keep:
            source.unlink()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), "keep" in sys.argv[2:])
    except py_compile.PyCompileError as error:
        sys.exit(str(error.exc_value))
