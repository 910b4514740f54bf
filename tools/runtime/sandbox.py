"""The package as Lambda runs it: unpacked so that nobody may write there, by Lambda's own runtime client."""

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

from tools.cli import CliError
from tools.local.child_server import DIE_WITH_PARENT
from tools.package.build import Package
from tools.runtime.runtime_api import FunctionError, RuntimeApi

CLIENT = Path(__file__).resolve().parents[2] / ".tools" / "awslambdaric"
"""Where make installs awslambdaric, for the Python that the package is built for."""
END_SECONDS = 10.0

Change = Callable[[str, bytes], bytes | None]
"""What becomes of a file of the package, by its name and content, in a broken variant; nothing, if it is left out."""


def unpack(package: Package, task: Path, change: Change = lambda name, content: content) -> Path:
    """Unpack the package as Lambda does, so that nobody may write there, and return the folder."""
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
    """An execution environment of the function: a process that runs it, and what is asked of it."""

    process: subprocess.Popen[bytes]
    api: RuntimeApi
    logged: Path

    def handler(self, event: dict[str, Any], _: object = None) -> dict[str, Any]:
        """Have an event answered. It stands for handler.handler in ``tests.support.api_gateway.Gateway``."""
        answer: dict[str, Any] = self.api.invoke(event)
        return answer

    def failure(self) -> FunctionError:
        """Return how a function that cannot start has told so."""
        return self.api.failure()

    @property
    def log(self) -> str:
        """What the function has written to its log."""
        return self.logged.read_text(encoding="utf-8")


@contextmanager
def execution(task: Path, log: Path, environment: dict[str, str]) -> Iterator[Execution]:
    """Start the unpacked package as Lambda does, and end it.

    Python finds modules in the package and in the runtime client's folder, and nowhere else: no site-packages, and
    nothing of this project.

    Raises:
        CliError: the runtime client is not installed.
    """
    found = list(CLIENT.glob("lib/python*/site-packages"))
    if not found:
        raise CliError("Lambda's runtime client is not installed: run make .tools/awslambdaric/.stamp first.")
    wrapper = [sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid())]
    command = [str(CLIENT / "bin" / "python"), "-S", "-P", "-m", "awslambdaric", "handler.handler"]
    given = {"PYTHONPATH": f"{task}:{found[0]}", "LANG": "en_US.UTF-8", "TZ": ":UTC", "LAMBDA_TASK_ROOT": str(task)}
    with RuntimeApi() as api, log.open("wb") as file:
        given["AWS_LAMBDA_RUNTIME_API"] = api.address
        process = subprocess.Popen(wrapper + command, cwd=task, env=given | environment, stdout=file, stderr=file)
        api.watch(process)
        try:
            yield Execution(process, api, log)
        finally:
            process.kill()
            process.wait(END_SECONDS)
