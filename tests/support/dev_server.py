"""Run the development server in a process of its own, as ``make run`` does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPENED = "API documentation"
"""Part of the last line that the server prints when it is ready."""


@dataclass
class LocalCafe:
    """A running development server."""

    process: subprocess.Popen[str]
    data: Path
    welcome: str
    """The output until the server was ready."""

    @property
    def url(self) -> str:
        """The URL of the server."""
        return re.findall(r"running at (http://\S+)", self.welcome)[0]

    @property
    def password(self) -> str | None:
        """The password of the owner, if it was printed."""
        passwords = re.findall(r"password (\S+)", self.welcome)
        return passwords[0] if passwords else None


MODULE = (sys.executable, "-m", "tools.local")
"""The command of ``make run``."""


def start(data: Path, command: Sequence[str] = MODULE, **environ: str) -> subprocess.Popen[str]:
    """Start a server on a free port, with stdout and stderr in one pipe."""
    own = {name: value for name, value in os.environ.items() if name not in ("HOST", "DYNAMODB_URL", "AWS_REGION")}
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=own | {"PORT": "0", "DATA_DIR": str(data), "LOG_LEVEL": "WARNING"} | environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def local_cafe(data: Path, command: Sequence[str] = MODULE, **environ: str) -> Iterator[LocalCafe]:
    """Run a server, and stop it at the end with SIGINT if it still runs."""
    process = start(data, command, **environ)
    try:
        yield LocalCafe(process, data, _read_until_ready(process))
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def _read_until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    output = ""
    for line in process.stdout:
        output += line
        if OPENED in line:
            return output
    raise AssertionError(f"The server did not start:\n{output}")
