"""For which runtime and which machine a package is built, and the Python that can compile for it."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.problem import Problem

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's architectures, and the machines as the names of wheels spell them."""
GLIBC = ("2_34", "2_28", "2_17")
"""What the wheels may be linked against, newest first: the runtimes stand on Amazon Linux 2023, with glibc 2.34."""
RUNTIME = re.compile(r"python3\.(1[1-9]|2\d)")


@dataclass(frozen=True)
class Target:
    """A Lambda runtime on an architecture.

    Args:
        runtime: as Lambda spells it, for example ``python3.13``.
        architecture: ``arm64`` or ``x86_64``.
    """

    runtime: str
    architecture: str

    @property
    def name(self) -> str:
        """What tells the packages of two targets apart."""
        return f"{self.runtime}-{self.architecture}"

    @property
    def version(self) -> str:
        """The version of Python, as in 3.13."""
        return self.runtime.removeprefix("python")

    @property
    def platforms(self) -> list[str]:
        """The platform tags of the wheels that run there (PEP 600)."""
        return [f"manylinux_{glibc}_{MACHINES[self.architecture]}" for glibc in GLIBC]

    def interpreter(self) -> str:
        """Return a Python of the target's version on this machine: bytecode depends on the version, not the machine.

        Raises:
            Problem: there is none.
        """
        for candidate in _candidates(self.version):
            if _version(candidate) == self.version:
                return candidate
        raise Problem(
            f"Compiling for {self.runtime} needs Python {self.version}, and none was found: install it, or name it "
            "with PACKAGE_PYTHON=/path/to/python, or choose another runtime with RUNTIME=python3.x."
        )


DEFAULT = Target("python3.13", "arm64")
"""What is deployed unless somebody says otherwise."""


def here() -> Target:
    """Return the target that this machine can run: the default runtime if its Python is here, on this architecture."""
    machine = platform.machine().lower()
    architecture = next((ours for ours, theirs in MACHINES.items() if machine in (ours, theirs)), "x86_64")
    default = Target(DEFAULT.runtime, architecture)
    try:
        default.interpreter()
    except Problem:
        return Target(f"python{sys.version_info[0]}.{sys.version_info[1]}", architecture)
    return default


def _candidates(version: str) -> Iterator[str]:
    """Yield Pythons that may be of a version: the one that is named, this one, the PATH's, pyenv's."""
    yield from filter(None, [os.environ.get("PACKAGE_PYTHON"), sys.executable, shutil.which(f"python{version}")])
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True))


def _version(python: str) -> str | None:
    ask = [python, "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        return subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
