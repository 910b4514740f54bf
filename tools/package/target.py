"""The target of a package: a Lambda runtime and architecture, and a Python interpreter that compiles for it."""

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
"""The architectures of Lambda, and their names in the platform tags of wheels."""
GLIBC = ("2_34", "2_28", "2_17")
"""The glibc versions of usable wheels, newest first. The runtimes use Amazon Linux 2023, which has glibc 2.34."""
OLD_GLIBC = {"3.11": ("2_26", "2_17")}
"""The runtime that still uses Amazon Linux 2."""
RUNTIME = re.compile(r"python3\.(1[1-9]|2\d)")
VERSION = "'%d.%d' % sys.version_info[:2]"
TASK = "/var/task"
"""The folder of the function on Lambda, which is shown in tracebacks."""


@dataclass(frozen=True)
class Target:
    """A Lambda runtime on an architecture.

    Args:
        runtime: the identifier of the runtime, for example ``python3.13``.
        architecture: ``arm64`` or ``x86_64``.
    """

    runtime: str
    architecture: str

    @classmethod
    def named(cls, runtime: str, architecture: str) -> Target:
        """Return the target with this runtime and architecture.

        Raises:
            CliError: the runtime or the architecture is not supported.
        """
        if not RUNTIME.fullmatch(runtime):
            raise CliError(f"The runtime {runtime} is not supported: use python3.11 or newer, like {DEFAULT.runtime}.")
        if architecture not in MACHINES:
            raise CliError(f"The architecture {architecture} is not supported: use {' or '.join(sorted(MACHINES))}.")
        return cls(runtime, architecture)

    @property
    def name(self) -> str:
        """The name of the target in file names."""
        return f"{self.runtime}-{self.architecture}"

    @property
    def version(self) -> str:
        """The version of Python, for example 3.13."""
        return self.runtime.removeprefix("python")

    @property
    def platforms(self) -> list[str]:
        """The platform tags of wheels that run on the target (PEP 600)."""
        glibc = OLD_GLIBC.get(self.version, GLIBC)
        return [f"manylinux_{version}_{MACHINES[self.architecture]}" for version in glibc]

    def interpreter(self) -> str:
        """Return a Python interpreter of the target's version. Bytecode depends on the version, not on the machine.

        Raises:
            CliError: no such interpreter is installed.
        """
        named = os.environ.get("PACKAGE_PYTHON")
        for candidate in [named] if named else _candidates(self.version):
            if _evaluate(candidate, VERSION) == self.version:
                return candidate
        if named:
            raise CliError(f"PACKAGE_PYTHON={named} is not Python {self.version}, the version of {self.runtime}.")
        raise CliError(
            f"Compiling for {self.runtime} needs Python {self.version}, which was not found. Install it, set "
            "PACKAGE_PYTHON=/path/to/python, or choose another runtime with RUNTIME=python3.x."
        )

    def compiler(self) -> str:
        """Return the full version of the interpreter, because another build may compile differently."""
        return _evaluate(self.interpreter(), "sys.version") or ""

    def compile(self, folder: Path, with_source: bool, path: str = TASK) -> None:
        """Compile the modules of a folder with the standard library's compileall.

        The folder of a Lambda function is read-only, so a package without bytecode would be compiled at every cold
        start. The bytecode contains no timestamp and is not checked against its source (PEP 552).

        Args:
            folder: the folder with the modules.
            with_source: whether to keep the sources. Otherwise the bytecode replaces them.
            path: the path of the folder at run time.

        Raises:
            CliError: there is no interpreter of the version, or a module has a syntax error.
        """
        command = [self.interpreter(), "-S", "-s", "-P", "-m", "compileall", "-q", "-f"]
        command += ["--invalidation-mode=unchecked-hash", "-s", str(folder), "-p", path]
        command += [str(folder)] if with_source else ["-b", str(folder)]
        # The variables of the caller: a Python with a shared library may need LD_LIBRARY_PATH. A fixed hash seed makes
        # the bytecode reproducible. Without column numbers it is a tenth smaller.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        environment |= {"PYTHONHASHSEED": "0", "PYTHONNODEBUGRANGES": "1"}
        if subprocess.run(command, check=False, env=environment).returncode:
            raise CliError(f"Python {self.version} could not compile the modules for {self.name} (see above).")
        for source in () if with_source else folder.rglob("*.py"):
            source.unlink()


DEFAULT = Target("python3.13", "arm64")
"""The target of a deployment by default."""


def host_target() -> Target:
    """Return the target of this machine: the default runtime if its Python is installed, or the running Python."""
    machine = platform.machine().lower()
    architecture = next((name for name, tag in MACHINES.items() if machine in (name, tag)), "x86_64")
    default = Target(DEFAULT.runtime, architecture)
    try:
        default.interpreter()
    except CliError:
        version = _evaluate(os.environ.get("PACKAGE_PYTHON") or sys.executable, VERSION)
        return Target(f"python{version}", architecture)
    return default


def _candidates(version: str) -> Iterator[str]:
    """Yield possible interpreters of a version: the running one, then those of PATH and of pyenv."""
    yield from filter(None, [sys.executable, shutil.which(f"python{version}")])
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True))


def _evaluate(python: str, expression: str) -> str | None:
    """Return the value of an expression in an interpreter, or None if the interpreter cannot run."""
    command = [python, "-I", "-S", "-c", f"import sys; print({expression})"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


if __name__ == "__main__":
    run_main(lambda: echo(host_target().interpreter()))
