"""Runs the package as Lambda does: from a read-only folder, with Lambda's runtime client."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.cli import CliError, library_path
from tools.local.child_server import DIE_WITH_PARENT
from tools.package.build import Package
from tools.runtime.runtime_api import FunctionError, RuntimeApi

CLIENT = Path(__file__).resolve().parents[2] / ".tools" / "awslambdaric"
"""The virtual environment in which make installs awslambdaric."""
END_SECONDS = 10.0

Change = Callable[[str, bytes], bytes | None]
"""Returns the content of a file in a changed package, from its name and content. None removes the file."""


def unpack(package: Package, task: Path, change: Change = lambda name, content: content) -> Path:
    """Unpack the package into a read-only folder and return the folder. ``change`` can change its files."""
    with zipfile.ZipFile(package.path) as archive:
        for entry in archive.infolist():
            content = change(entry.filename, archive.read(entry))
            if content is not None:
                file = task / entry.filename
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
                file.chmod(0o444)
    for folder in (task, *task.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o555)
    return task


@dataclass(frozen=True)
class Execution:
    """A running execution environment of the function."""

    process: subprocess.Popen[bytes]
    api: RuntimeApi
    log_file: Path

    def handler(self, event: dict[str, Any], _: object = None) -> dict[str, Any]:
        """Invoke the function. Has the signature of ``handler.handler``."""
        response: dict[str, Any] = self.api.invoke(event)
        return response

    def failure(self) -> FunctionError:
        """Return the failure of a function that cannot start."""
        return self.api.failure()

    @property
    def log(self) -> str:
        """The log of the function."""
        return self.log_file.read_text(encoding="utf-8")


@contextmanager
def execution(task: Path, log: Path, environment: dict[str, str]) -> Iterator[Execution]:
    """Run the unpacked package inside the block.

    Python imports modules only from the package and from the packages of the runtime client.

    Raises:
        CliError: the runtime client is not installed.
    """
    site_packages = list(CLIENT.glob("lib/python*/site-packages"))
    if not site_packages:
        raise CliError("Lambda's runtime client is not installed: run make .tools/awslambdaric/.stamp first.")
    wrapper = [sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid())]
    command = [str(CLIENT / "bin" / "python"), "-S", "-P", "-m", "awslambdaric", "handler.handler"]
    lambda_environment = {
        "PYTHONPATH": f"{task}:{site_packages[0]}", "LANG": "en_US.UTF-8", "TZ": ":UTC", "LAMBDA_TASK_ROOT": str(task),
    }  # fmt: skip
    with RuntimeApi() as api, log.open("wb") as file:
        variables = library_path() | lambda_environment | {"AWS_LAMBDA_RUNTIME_API": api.address} | environment
        process = subprocess.Popen(wrapper + command, cwd=task, env=variables, stdout=file, stderr=file)
        api.watch(process)
        try:
            yield Execution(process, api, log)
        finally:
            process.kill()
            process.wait(END_SECONDS)
