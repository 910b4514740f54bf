"""Installs the peers as their users would deploy them: each with all of its packages, and with their bytecode."""

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

PEERS = Path(__file__).parent / "peers"
PLACE = Path(__file__).parent.parent / ".tools" / "peers"


@dataclass(frozen=True)
class Peer:
    """Somebody to be compared with.

    Args:
        name: the folder below ``bench/peers``.
        title: the name for people.
        entry: where its handler is, as Lambda is told it.
        form: what stands before it: an HTTP API ("http") or a REST API ("rest").
        runtime: of packages of which only a part is deployed, that part.
        compared: whether its answers have to equal Clowder's. Only then it gets the shared modules, which shape them.
        cuts_service_data: whether botocore's service data are cut, as they are in Clowder's package.
    """

    name: str
    title: str
    entry: str = "handler.handler"
    form: str = "http"
    runtime: tuple[str, ...] = ()
    compared: bool = True
    cuts_service_data: bool = False

    @property
    def requirements(self) -> Path:
        """The list of its packages."""
        return PEERS / self.name / "requirements.txt"

    @property
    def modules(self) -> list[Path]:
        """The modules that are no package's; its own come last, in the place of those that all share."""
        shared = (PEERS / "shared").glob("*.py") if self.compared else ()
        return [*sorted(shared), *sorted((PEERS / self.name).glob("*.py"))]


FLOOR = Peer("floor", "the floor", compared=False, cuts_service_data=True)
"""What boto3 itself costs, configured as Clowder configures it."""
ALL = (
    Peer("bare", "bare boto3"),
    Peer("flask", "Flask-RESTful"),
    Peer("fastapi", "FastAPI"),
    Peer("powertools", "Powertools"),
    # What `chalice package` takes of Chalice itself: see _iter_app_filenames in chalice/deploy/packager.py.
    Peer("chalice", "Chalice", "app.app", "rest", ("chalice/__init__.py", "chalice/app.py")),
    FLOOR,
)


@dataclass(frozen=True)
class Deployed:
    """What is deployed of somebody: as a zip, and as the folder that it becomes."""

    archive: Path
    task: Path


def deploy(peer: Peer, target: Target) -> Deployed:
    """Return a peer with all of its packages: as it was made the last time, if nothing of it has changed since.

    Raises:
        Problem: pip cannot install it; its own words stand above.
    """
    place = PLACE / f"{peer.name}-{target.name}"
    made, wanted = place / "made-of", _digest(peer, target)
    with _locked(peer.name):
        if not made.exists() or made.read_text(encoding="ascii") != wanted:
            shutil.rmtree(place, ignore_errors=True)
            _make(peer, target, place)
            made.write_text(wanted, encoding="ascii")  # last: an end before leaves nothing that looks whole
    return Deployed(place / "package.zip", place / "task")


def _digest(peer: Peer, target: Target) -> str:
    """Return what changes with anything that a peer is made of."""
    digest = hashlib.sha256(f"{target.compiler()} {peer}".encode())
    tools = [Path(service_data.__file__)] if peer.cuts_service_data else []
    for path in (*sorted(PEERS.glob("*.txt")), peer.requirements, *peer.modules, *tools):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _make(peer: Peer, target: Target, place: Path) -> None:
    task = place / "task"
    install(target, task, peer.requirements)
    _leave(task, peer.runtime)
    if peer.cuts_service_data:
        service_data.cut(task / "botocore" / "data")
    for module in peer.modules:
        shutil.copyfile(module, task / module.name)
    target.compile(task, with_source=True)
    archive.add(task, place / "package.zip")


@contextmanager
def _locked(name: str) -> Iterator[None]:
    """Who comes second waits, and finds what the first has made."""
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _leave(task: Path, runtime: tuple[str, ...]) -> None:
    """Leave of a package what is deployed of it; all of it, where nothing else is said."""
    kept = [task / name for name in runtime]
    for package in {name.partition("/")[0] for name in runtime}:
        for path in (*task.glob(f"{package}/**/*"), *task.glob(f"{package}-*.dist-info/*"), *task.glob("bin/*")):
            if path.is_file() and path not in kept:
                path.unlink()
