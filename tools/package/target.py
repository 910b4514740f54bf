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

from tools.cli import CliError, echo, run_main

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's architectures, and the machines as the names of wheels spell them."""
GLIBC = ("2_34", "2_28", "2_17")
"""What the wheels may be linked against, newest first: the runtimes stand on Amazon Linux 2023, with glibc 2.34."""
OLD_GLIBC = {"3.11": ("2_26", "2_17")}
"""The last runtime that stands on Amazon Linux 2."""
RUNTIME = re.compile(r"python3\.(1[1-9]|2\d)")
VERSION = "'%d.%d' % sys.version_info[:2]"
TASK = "/var/task"
"""The folder of the function on Lambda; tracebacks name it."""


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
            CliError: there is no such runtime or architecture.
        """
        if not RUNTIME.fullmatch(runtime):
            raise CliError(f"There is no runtime {runtime} for us: it is python3.11 or newer, as in {DEFAULT.runtime}.")
        if architecture not in MACHINES:
            raise CliError(f"There is no architecture {architecture} for us: it is {' or '.join(sorted(MACHINES))}.")
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
            CliError: there is none.
        """
        named = os.environ.get("PACKAGE_PYTHON")
        for candidate in [named] if named else _candidates(self.version):
            if _ask(candidate, VERSION) == self.version:
                return candidate
        if named:
            raise CliError(f"PACKAGE_PYTHON names {named}, which is no Python {self.version}, as {self.runtime} is.")
        raise CliError(
            f"Compiling for {self.runtime} needs Python {self.version}, and none was found: install it, or name it "
            "with PACKAGE_PYTHON=/path/to/python, or choose another runtime with RUNTIME=python3.x."
        )

    def compiler(self) -> str:
        """Return what tells the interpreter from others that may compile otherwise."""
        return _ask(self.interpreter(), "sys.version") or ""

    def compile(self, folder: Path, with_source: bool, path: str = TASK) -> None:
        """Compile the modules of a folder with the standard library's compileall.

        The folder of a Lambda function is read-only, so that a package without bytecode would be compiled at every cold
        start. The bytecode is never compared with its source (PEP 552), so that no time stamp is in it.

        Args:
            folder: the folder with the modules.
            with_source: keep the sources beside the bytecode. Otherwise the bytecode replaces them.
            path: the path of the folder at run time.

        Raises:
            CliError: there is no interpreter of the version, or a module has a syntax error.
        """
        command = [self.interpreter(), "-S", "-s", "-P", "-m", "compileall", "-q", "-f"]
        command += ["--invalidation-mode=unchecked-hash", "-s", str(folder), "-p", path]
        command += [str(folder)] if with_source else ["-b", str(folder)]
        # A fixed hash seed makes the bytecode reproducible. Without column numbers it is a tenth smaller.
        if subprocess.run(command, check=False, env={"PYTHONHASHSEED": "0", "PYTHONNODEBUGRANGES": "1"}).returncode:
            raise CliError(f"There is no package for {self.name}: Python {self.version} cannot compile it (see above).")
        for source in () if with_source else folder.rglob("*.py"):
            source.unlink()


DEFAULT = Target("python3.13", "arm64")
"""What is deployed unless somebody says otherwise."""


def host_target() -> Target:
    """Return the target of this machine: the default runtime, or the running Python if that is not installed."""
    machine = platform.machine().lower()
    architecture = next((ours for ours, theirs in MACHINES.items() if machine in (ours, theirs)), "x86_64")
    default = Target(DEFAULT.runtime, architecture)
    try:
        default.interpreter()
    except CliError:
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


if __name__ == "__main__":
    run_main(lambda: echo(host_target().interpreter()))
