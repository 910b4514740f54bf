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
OLD_GLIBC = {"3.11": ("2_26", "2_17")}
"""The last runtime that stands on Amazon Linux 2."""
RUNTIME = re.compile(r"python3\.(1[1-9]|2\d)")
VERSION = "'%d.%d' % sys.version_info[:2]"
COMPILE = Path(__file__).with_name("bytecode.py")


@dataclass(frozen=True)
class Target:
    """A Lambda runtime on an architecture.

    Args:
        runtime: as Lambda spells it, for example ``python3.13``.
        architecture: ``arm64`` or ``x86_64``.
    """

    runtime: str
    architecture: str

    @classmethod
    def named(cls, runtime: str, architecture: str) -> Target:
        """Return the target that somebody names.

        Raises:
            Problem: there is no such runtime or architecture.
        """
        if not RUNTIME.fullmatch(runtime):
            raise Problem(f"There is no runtime {runtime} for us: it is python3.11 or newer, as in {DEFAULT.runtime}.")
        if architecture not in MACHINES:
            raise Problem(f"There is no architecture {architecture} for us: it is {' or '.join(sorted(MACHINES))}.")
        return cls(runtime, architecture)

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
        glibc = OLD_GLIBC.get(self.version, GLIBC)
        return [f"manylinux_{version}_{MACHINES[self.architecture]}" for version in glibc]

    def interpreter(self) -> str:
        """Return a Python of the target's version on this machine: bytecode depends on the version, not the machine.

        Raises:
            Problem: there is none.
        """
        named = os.environ.get("PACKAGE_PYTHON")
        for candidate in [named] if named else _candidates(self.version):
            if _ask(candidate, VERSION) == self.version:
                return candidate
        if named:
            raise Problem(f"PACKAGE_PYTHON names {named}, which is no Python {self.version}, as {self.runtime} is.")
        raise Problem(
            f"Compiling for {self.runtime} needs Python {self.version}, and none was found: install it, or name it "
            "with PACKAGE_PYTHON=/path/to/python, or choose another runtime with RUNTIME=python3.x."
        )

    def compiler(self) -> str:
        """Return what tells the interpreter from others that may compile otherwise."""
        return _ask(self.interpreter(), "sys.version") or ""

    def compile(self, folder: Path, with_source: bool) -> None:
        """Compile the modules of a folder, and keep their sources or not.

        Raises:
            Problem: there is no interpreter, or one of the modules is no Python to it.
        """
        command = [self.interpreter(), "-S", "-s", "-P", str(COMPILE), str(folder), *(["keep"] if with_source else [])]
        # With an environment that has nothing else: hashes, and with them the order of sets, are the same each time.
        # Without debug ranges (the columns in tracebacks) bytecode is a tenth smaller.
        if subprocess.run(command, check=False, env={"PYTHONHASHSEED": "0", "PYTHONNODEBUGRANGES": "1"}).returncode:
            raise Problem(f"There is no package for {self.name}: Python {self.version} cannot compile it (see above).")


DEFAULT = Target("python3.13", "arm64")
"""What is deployed unless somebody says otherwise."""


def here() -> Target:
    """Return the target that this machine can run: the default runtime if its Python is here, or else this Python's."""
    machine = platform.machine().lower()
    architecture = next((ours for ours, theirs in MACHINES.items() if machine in (ours, theirs)), "x86_64")
    default = Target(DEFAULT.runtime, architecture)
    try:
        default.interpreter()
    except Problem:
        version = _ask(os.environ.get("PACKAGE_PYTHON") or sys.executable, VERSION)
        return Target(f"python{version}", architecture)
    return default


def _candidates(version: str) -> Iterator[str]:
    """Yield Pythons that may be of a version: this one, the PATH's, pyenv's."""
    yield from filter(None, [sys.executable, shutil.which(f"python{version}")])
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True))


def _ask(python: str, what: str) -> str | None:
    """Return what a Python says of itself, or nothing if it is none that runs."""
    ask = [python, "-I", "-S", "-c", f"import sys; print({what})"]
    try:
        return subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
