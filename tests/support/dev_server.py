"""A local café in a process of its own, opened as ``make run`` opens it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPENED = "API documentation"
"""In the last line that a café prints when it is open."""


@dataclass
class LocalCafe:
    """A café that is open."""

    process: subprocess.Popen[str]
    data: Path
    welcome: str
    """What it printed until it was open."""

    @property
    def url(self) -> str:
        """Where it listens."""
        return re.findall(r"running at (http://\S+)", self.welcome)[0]

    @property
    def password(self) -> str | None:
        """The owner's password, if it was printed."""
        found = re.findall(r"password (\S+)", self.welcome)
        return found[0] if found else None


def start(data: Path, **environ: str) -> subprocess.Popen[str]:
    """Start a café on a free port, with what it prints in one pipe."""
    told = {name: value for name, value in os.environ.items() if name not in ("HOST", "DYNAMODB_URL", "AWS_REGION")}
    return subprocess.Popen(
        [sys.executable, "-m", "tools.local"],
        cwd=ROOT,
        env=told | {"PORT": "0", "DATA_DIR": str(data), "LOG_LEVEL": "WARNING"} | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def local_cafe(data: Path, **environ: str) -> Iterator[LocalCafe]:
    """Open a café and close it in the end, with Ctrl-C if it is still there."""
    process = start(data, **environ)
    try:
        yield LocalCafe(process, data, _until_open(process))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _until_open(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if OPENED in line:
            return printed
    raise AssertionError(f"The café did not open:\n{printed}")
