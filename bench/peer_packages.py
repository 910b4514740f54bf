"""Install the peers as their users deploy them: all dependencies, compiled to bytecode."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.package import archive, service_data
from tools.package.dependencies import install
from tools.package.target import Target

SOURCES = Path(__file__).parent / "peers"
CACHE = Path(__file__).parent.parent / ".tools" / "peers"


@dataclass(frozen=True)
class Implementation:
    """An implementation of the cat API: Clowder or one of its peers.

    Args:
        name: the folder below ``bench/peers``.
        title: the name in the report.
        entry: the handler, in Lambda's notation.
        api_type: the API Gateway that sends the events: an HTTP API ("http") or a REST API ("rest").
        runtime_files: the files of partly deployed packages that are deployed.
        compared: whether the responses must equal Clowder's. Only these peers get the shared modules.
        cuts_service_data: whether botocore's service data are reduced as in Clowder's package.
    """

    name: str
    title: str
    entry: str = "handler.handler"
    api_type: str = "http"
    runtime_files: tuple[str, ...] = ()
    compared: bool = True
    cuts_service_data: bool = False

    @property
    def requirements(self) -> Path:
        """The requirements file."""
        return SOURCES / self.name / "requirements.txt"

    @property
    def modules(self) -> list[Path]:
        """The modules to deploy. The peer's own modules come last and replace shared modules of the same name."""
        shared = (SOURCES / "shared").glob("*.py") if self.compared else ()
        return [*sorted(shared), *sorted((SOURCES / self.name).glob("*.py"))]


FLOOR = Implementation("floor", "the floor", compared=False, cuts_service_data=True)
"""A lower bound: calls to boto3, configured as in Clowder, and nothing else."""
PEERS = (
    Implementation("bare", "bare boto3"),
    Implementation("flask", "Flask-RESTful"),
    Implementation("fastapi", "FastAPI"),
    Implementation("powertools", "Powertools"),
    # `chalice package` deploys these two modules of Chalice: see _iter_app_filenames in chalice/deploy/packager.py.
    Implementation("chalice", "Chalice", "app.app", "rest", ("chalice/__init__.py", "chalice/app.py")),
    FLOOR,
)


@dataclass(frozen=True)
class Deployment:
    """A zip archive and the folder with its contents."""

    archive: Path
    task: Path


def deploy(peer: Implementation, target: Target) -> Deployment:
    """Install a peer and return its files. If its sources have not changed, use the cache.

    Raises:
        CliError: pip failed; its output has the reason.
    """
    folder = CACHE / f"{peer.name}-{target.name}"
    digest_file, digest = folder / "digest", _digest(peer, target)
    with _lock(peer.name):
        if not digest_file.exists() or digest_file.read_text(encoding="ascii") != digest:
            shutil.rmtree(folder, ignore_errors=True)
            _install(peer, target, folder)
            digest_file.write_text(digest, encoding="ascii")  # last, so that an interrupted installation is repeated
    return Deployment(folder / "package.zip", folder / "task")


def _digest(peer: Implementation, target: Target) -> str:
    """Return a digest of all sources of a peer."""
    digest = hashlib.sha256(f"{target.interpreter()} {peer}".encode())
    tools = [Path(service_data.__file__)] if peer.cuts_service_data else []
    for path in (*sorted(SOURCES.glob("*.txt")), peer.requirements, *peer.modules, *tools):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _install(peer: Implementation, target: Target, folder: Path) -> None:
    task = folder / "task"
    install(target, task, peer.requirements, "--no-deps")
    _remove_undeployed_files(task, peer.runtime_files)
    if peer.cuts_service_data:
        service_data.cut(task / "botocore" / "data")
    for module in peer.modules:
        shutil.copyfile(module, task / module.name)
    target.compile(task, with_source=True)
    archive.write(folder / "package.zip", task)


@contextmanager
def _lock(name: str) -> Iterator[None]:
    """Lock the cache of a peer. A second process waits and then uses the result of the first."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove_undeployed_files(task: Path, runtime_files: tuple[str, ...]) -> None:
    """Remove all files of partly deployed packages except their runtime files."""
    deployed = [task / name for name in runtime_files]
    for package in {name.partition("/")[0] for name in runtime_files}:
        for path in (*task.glob(f"{package}/**/*"), *task.glob(f"{package}-*.dist-info/*"), *task.glob("bin/*")):
            if path.is_file() and path not in deployed:
                path.unlink()
