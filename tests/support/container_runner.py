"""Runs containers of the built images without a container engine.

buildah's chroot isolation gives a process the files, user, working directory and environment of the image. The process
shares the network, the process table and the resource limits of this machine.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.buildah import ISOLATION, buildah, inspect
from tests.support.dev_server import OPENED
from tools.runtime.runtime_api import RuntimeApi
from tools.runtime.sandbox import END_SECONDS, Execution

START_SECONDS = 60.0
# Runs a command in its own mount namespace, where only /tmp is writable, as in Lambda.
READ_ONLY = """
root=$1 user=$2 workdir=$3 tmp=$4; shift 4
mount --bind "$root" "$root"
mount --options remount,bind,ro "$root"
mount --bind /dev "$root/dev"
mount --bind /proc "$root/proc"
mount --bind "$tmp" "$root/tmp"
exec chroot --userspec="$user" "$root" env --chdir="$workdir" --ignore-environment "$@"
"""


class Container:
    """A container of an image."""

    def __init__(self, image: str) -> None:
        self.name = buildah("from", "--pull-never", image)
        self.config = inspect(image)["config"]
        self.root = Path(buildah("mount", self.name))
        """The root of the file system of the container, on this machine."""

    def list_names(self, folder: str = "") -> set[str]:
        """Return the names of the files and folders in a folder of the container."""
        return {path.name for path in (self.root / folder).iterdir()}

    def run_command(self, environment: dict[str, str], *arguments: str) -> list[str]:
        """Return the command line that runs the arguments, or the entry point, in the container."""
        options = [f"--env={name}={value}" for name, value in environment.items()]
        return ["buildah", "run", *ISOLATION, *options, self.name, "--", *(arguments or self._entry_point())]

    def run_read_only_command(self, tmp: Path, environment: dict[str, str], *arguments: str) -> list[str]:
        """Return the same command line, with a read-only file system. /tmp is a folder of this machine."""
        variables = [*self.config["Env"], *(f"{name}={value}" for name, value in environment.items())]
        parameters = [str(self.root), self.config["User"], self.config["WorkingDir"], str(tmp), *variables]
        return [
            "unshare",
            "--mount",
            "bash",
            "-euc",
            READ_ONLY,
            "bash",
            *parameters,
            *(arguments or self._entry_point()),
        ]

    def _entry_point(self) -> list[str]:
        return [*self.config.get("Entrypoint", ()), *self.config["Cmd"]]


@contextmanager
def container(image: str) -> Iterator[Container]:
    """Create a container and delete it at the end."""
    created = Container(image)
    try:
        yield created
    finally:
        buildah("rm", created.name)


@contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command line and terminate it at the end. buildah stops the container on SIGTERM, but not on SIGKILL."""
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(END_SECONDS)


def wait_for_url(process: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the local server has started, and return its URL."""
    deadline = time.monotonic() + START_SECONDS
    while OPENED not in (output := log.read_text(encoding="utf-8")):
        assert process.poll() is None, output
        assert time.monotonic() < deadline, output
        time.sleep(0.1)
    url: str = re.findall(r"running at (http://\S+)", output)[0]
    return url


@contextmanager
def container_execution(
    command: Callable[..., list[str]], log: Path, environment: dict[str, str], *arguments: str
) -> Iterator[Execution]:
    """Start a function in a container, and a Runtime API for it.

    Args:
        command: ``run_command`` or ``run_read_only_command`` of a container.
        log: the log file.
        environment: the environment of the function.
        arguments: the command to run, by default the entry point of the image.
    """
    with (
        RuntimeApi() as api,
        running(command(environment | {"AWS_LAMBDA_RUNTIME_API": api.address}, *arguments), log) as process,
    ):
        api.watch(process)
        yield Execution(process, api, log)
