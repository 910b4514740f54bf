"""Containers of the images that buildah has built: started as Lambda or Docker would, as far as this machine can.

There is no container engine here. buildah's chroot isolation gives a process the image's files, user, folder and
environment; it shares the network, the processes and the kernel's limits with everything else.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.dev_server import OPENED
from tests.support.images import inspect
from tools.image.buildah import ISOLATION, buildah
from tools.runtime.runtime_api import RuntimeApi
from tools.runtime.sandbox import END_SECONDS, Execution

OPEN_SECONDS = 60.0
# In a namespace of its own: the image's files, mounted so that nobody can write them, and this machine's devices and
# processes; /tmp alone is writable, as it is in Lambda.
READ_ONLY = """
root=$1 user=$2 place=$3 tmp=$4; shift 4
mount --bind "$root" "$root"
mount --options remount,bind,ro "$root"
mount --bind /dev "$root/dev"
mount --bind /proc "$root/proc"
mount --bind "$tmp" "$root/tmp"
exec chroot --userspec="$user" "$root" env --chdir="$place" --ignore-environment "$@"
"""


class Container:
    """A container of an image, with its files."""

    def __init__(self, image: str) -> None:
        self.name = buildah("from", "--pull-never", image)
        self.config = inspect(image)["config"]
        self.root = Path(buildah("mount", self.name))
        """Its files, as this machine sees them."""

    def names(self, folder: str = "") -> set[str]:
        """Return what lies in one of its folders."""
        return {path.name for path in (self.root / folder).iterdir()}

    def command(self, environment: dict[str, str], *words: str) -> list[str]:
        """Return what runs words in it; without any, its own entry point."""
        given = [f"--env={name}={value}" for name, value in environment.items()]
        return ["buildah", "run", *ISOLATION, *given, self.name, "--", *(words or self._own())]

    def read_only(self, tmp: Path, environment: dict[str, str], *words: str) -> list[str]:
        """Return what runs words where nothing can be written but /tmp, which is a folder of this machine."""
        given = [*self.config["Env"], *(f"{name}={value}" for name, value in environment.items())]
        place = [str(self.root), self.config["User"], self.config["WorkingDir"], str(tmp)]
        return ["unshare", "--mount", "bash", "-euc", READ_ONLY, "bash", *place, *given, *(words or self._own())]

    def _own(self) -> list[str]:
        return [*self.config.get("Entrypoint", ()), *self.config["Cmd"]]


@contextmanager
def container(image: str) -> Iterator[Container]:
    """Make a container, and take it away."""
    made = Container(image)
    try:
        yield made
    finally:
        buildah("rm", made.name)


@contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command of a container, and end it: buildah ends what runs in it when it is asked to, not when killed."""
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(END_SECONDS)


def opened(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return the URL of a café, when it is open."""
    deadline = time.monotonic() + OPEN_SECONDS
    while OPENED not in (told := log.read_text(encoding="utf-8")):
        assert process.poll() is None, told
        assert time.monotonic() < deadline, told
        time.sleep(0.1)
    url: str = re.findall(r"running at (http://\S+)", told)[0]
    return url


@contextmanager
def invoked(how: Callable[..., list[str]], log: Path, environment: dict[str, str], *words: str) -> Iterator[Execution]:
    """Start a function in a container, and a Runtime API for it.

    Args:
        how: makes a command of the environment and the words: ``command`` of a container, or ``read_only``.
        log: the file for what it logs.
        environment: its variables.
        words: what is run; the image's own entry point, if there are none.
    """
    with (
        RuntimeApi() as api,
        running(how(environment | {"AWS_LAMBDA_RUNTIME_API": api.address}, *words), log) as process,
    ):
        api.watch(process)
        yield Execution(process, api, log)
