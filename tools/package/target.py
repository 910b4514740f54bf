"""The target of a package: a Lambda runtime and architecture, and the Python that compiles for it."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.cli import CliError, echo, run_main

MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""The architectures of Lambda, and their names in the platform tags of wheels."""
GLIBC = "2_34"
"""The glibc of Amazon Linux 2023, on which the runtimes are based. That of python3.11 was based on Amazon Linux 2."""
RUNTIME = re.compile(r"python3\.(1[2-9]|2\d)")
TASK = "/var/task"
"""The folder of the function on Lambda, which is shown in tracebacks."""
UV = (sys.executable, "-m", "uv")
"""The command of uv, in the version of tools/requirements/package.txt."""


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
        if architecture not in MACHINES:
            raise CliError(f"The architecture {architecture} is not supported: use {' or '.join(sorted(MACHINES))}.")
        if not RUNTIME.fullmatch(runtime):
            raise CliError(f"The runtime {runtime} is not supported: use python3.12 or newer, like {DEFAULT.runtime}.")
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
    def platform(self) -> str:
        """The platform of the wheels, as uv names it (``--python-platform``)."""
        return f"{MACHINES[self.architecture]}-manylinux_{GLIBC}"

    @cache  # noqa: B019 - there are few targets
    def interpreter(self) -> str:
        """Return a Python of the target's version. Bytecode depends on the version, not on the machine.

        uv searches the virtual environment, its own Pythons and PATH, and otherwise downloads the Python.

        Raises:
            CliError: there is no such Python on this machine, and uv cannot download one.
        """
        command = [*UV, "run", "--quiet", "--no-project", "--python", self.version]
        command += ["python", "-I", "-c", "import sys; print(sys.executable)"]
        # Without a version, the shims of pyenv in PATH are errors (https://github.com/pyenv/pyenv).
        environment = os.environ | {"PYENV_VERSION": self.version}
        result = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=environment)
        if result.returncode:
            raise CliError(
                f"Compiling for {self.runtime} needs Python {self.version}, which uv could neither find nor download "
                f"(see above). Run uv python install {self.version}, or choose another runtime with RUNTIME=python3.x."
            )
        return result.stdout.strip()

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
        # A fixed hash seed makes the bytecode reproducible. Without column numbers it is a tenth smaller.
        environment = python_environment(PYTHONHASHSEED="0", PYTHONNODEBUGRANGES="1")
        if subprocess.run(command, check=False, env=environment).returncode:
            raise CliError(f"Python {self.version} could not compile the modules for {self.name} (see above).")
        for source in () if with_source else folder.rglob("*.py"):
            source.unlink()


DEFAULT = Target("python3.13", "arm64")
"""The target of a deployment by default."""


def python_environment(**variables: str) -> dict[str, str]:
    """Return the environment for a Python: these variables, and those of the caller that do not configure Python.

    A Python with a shared library may need LD_LIBRARY_PATH of the caller.
    """
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | variables


def host_target() -> Target:
    """Return the default runtime on the architecture of this machine."""
    machine = platform.machine().lower()
    return Target(DEFAULT.runtime, next((name for name, tag in MACHINES.items() if machine in (name, tag)), "x86_64"))


if __name__ == "__main__":
    run_main(lambda: echo(host_target().interpreter()))
