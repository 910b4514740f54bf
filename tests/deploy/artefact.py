"""The package as it is deployed: built once for all tests, unpacked read-only, run by Lambda's own runtime client."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.runtime_api import FunctionError, RuntimeApi
from tools.package.build import Package, build
from tools.package.target import here

CLIENT = Path(__file__).resolve().parents[2] / ".tools" / "awslambdaric"
"""Where make installs awslambdaric, for the Python that the package is built for."""
END_SECONDS = 10.0

Change = Callable[[str, bytes], bytes | None]
"""What becomes of a file of the package, by its name and content, in a broken variant; nothing, if it is left out."""


@pytest.fixture(scope="session")
def artefact(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The package for this machine, built once for all of pytest's workers."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "artefact"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = next(folder.glob("*.zip"), None)
        return Package.at(made) if made else build(here(), folder)


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


def contents(task: Path) -> dict[str, str]:
    """Return the files of a folder with their digests: no permission holds root back, so a test compares these."""
    return {
        str(path.relative_to(task)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in task.rglob("*")
        if path.is_file()
    }


@dataclass(frozen=True)
class Execution:
    """An execution environment of the function: a process that runs it, and what is asked of it."""

    process: subprocess.Popen[bytes]
    api: RuntimeApi
    logged: Path

    def handler(self, event: dict[str, Any], context: Any = None) -> dict[str, Any]:
        """Have an event answered. It stands for handler.handler in ``tests.deploy.gateway.Gateway``."""
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
    nothing where the tests run.
    """
    found = list(CLIENT.glob("lib/python*/site-packages"))
    assert found, "Lambda's runtime client is not installed: run make .tools/awslambdaric/.stamp first"
    command = [str(CLIENT / "bin" / "python"), "-S", "-P", "-m", "awslambdaric", "handler.handler"]
    given = {"PYTHONPATH": f"{task}:{found[0]}", "LANG": "en_US.UTF-8", "TZ": ":UTC", "LAMBDA_TASK_ROOT": str(task)}
    with RuntimeApi() as api, log.open("wb") as file:
        given["AWS_LAMBDA_RUNTIME_API"] = api.address
        process = subprocess.Popen(command, cwd=task, env=given | environment, stdout=file, stderr=file)
        api.watch(process)
        try:
            yield Execution(process, api, log)
        finally:
            process.kill()
            process.wait(END_SECONDS)
