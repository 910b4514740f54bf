"""Installs the dependencies as wheels for the target, removes files that are not used, and caches the result."""

from __future__ import annotations

import fcntl
import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.cli import CliError
from tools.package import archive, service_data
from tools.package.sources import ROOT
from tools.package.target import Target

REQUIREMENTS = ROOT / "requirements.txt"
CACHE = ROOT / ".tools" / "package"
ARCHIVE, WHEELS, SUMS = "dependencies.zip", "wheels.json", "sums.json"

# Not in this list: licences with the metadata that names them, and botocore/cacert.pem, the certificates for boto3.
UNUSED = (
    "bin",  # console scripts
    "boto3/data", "boto3/examples",  # for boto3.resource, which the store does not use
    "cffi", "pycparser", "pycparser-*.dist-info",  # build-time only; _cffi_backend, the runtime part, is not removed
    "pytz/zoneinfo",  # Flask-RESTful imports pytz only for UTC
    "dateutil/zoneinfo/*.tar.gz",
    "**/tests", "**/test",
    "**/*.pyi", "**/*.c", "**/*.h", "**/*.pyx", "**/py.typed",
    "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "*.dist-info/WHEEL",
    "*.dist-info/direct_url.json", "*.dist-info/top_level.txt", "*.dist-info/entry_points.txt", "*.dist-info/zip-safe",
)  # fmt: skip

Wheels = dict[str, str]
"""The SHA-256 of the wheel of each distribution, by normalised name."""


@dataclass(frozen=True)
class Dependencies:
    """A zip of the compiled dependencies, and the wheels that they were installed from."""

    archive: Path
    wheels: Wheels


def install(target: Target, folder: Path, requirements: Path = REQUIREMENTS) -> Wheels:
    """Install pinned requirements into a folder, as wheels for the target.

    Raises:
        CliError: pip failed. Its messages were printed.
    """
    with TemporaryDirectory(prefix="clowder-pip-") as name:
        report = Path(name) / "report.json"
        # -I: PYTHONPATH must not replace the pip of this Python.
        command = [sys.executable, "-I", "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--no-compile", "--implementation=cp", f"--python-version={target.version}"]
        command += [f"--platform={platform}" for platform in target.platforms]
        command += ["--target", str(folder), "--requirement", str(requirements), "--report", str(report)]
        if subprocess.run(command, check=False).returncode:
            raise CliError(f"pip could not install {requirements.name} for {target.name} (see above).")
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {
        normalised(entry["metadata"]["name"]): entry["download_info"]["archive_info"]["hashes"]["sha256"]
        for entry in installed
    }


def normalised(name: str) -> str:
    """Return the normalised name of a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def install_compiled(target: Target, task: Path) -> Wheels:
    """Install the production requirements into a folder, as bytecode and without unused files."""
    wheels = install(target, task)
    for pattern in UNUSED:
        for path in sorted(task.glob(pattern), reverse=True):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    service_data.cut(task / "botocore" / "data")
    target.compile(task, with_source=False)
    return wheels


def cached_dependencies(target: Target) -> Dependencies:
    """Return the compiled production requirements, from the cache if its entry is complete.

    Raises:
        CliError: pip or the compilation failed.
    """
    entry = CACHE / f"{target.name}-{_cache_key(target)}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second build waits, and uses the entry of the first
        if not _is_complete(entry):
            _fill(entry, target)
    return Dependencies(entry / ARCHIVE, json.loads((entry / WHEELS).read_text(encoding="utf-8")))


def _cache_key(target: Target) -> str:
    """Return a hash of the inputs of the dependencies: requirements.txt, the modules of this package, the compiler."""
    digest = hashlib.sha256(f"{target.name} {target.compiler()}".encode())
    for path in (REQUIREMENTS, *sorted(Path(__file__).parent.glob("*.py"))):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _fill(entry: Path, target: Target) -> None:
    """Create a cache entry in a temporary folder and rename it, so that an interrupted build leaves no entry."""
    with TemporaryDirectory(prefix=".new-", dir=CACHE) as name:
        task, temporary = Path(name) / "task", Path(name) / "entry"
        temporary.mkdir()
        wheels = install_compiled(target, task)
        archive.add(task, temporary / ARCHIVE)
        (temporary / WHEELS).write_text(json.dumps(wheels), encoding="utf-8")
        (temporary / SUMS).write_text(json.dumps(_checksums(temporary)), encoding="utf-8")
        shutil.rmtree(entry, ignore_errors=True)
        temporary.rename(entry)


def _is_complete(entry: Path) -> bool:
    try:
        return bool(json.loads((entry / SUMS).read_text(encoding="utf-8")) == _checksums(entry))
    except (OSError, ValueError):
        return False


def _checksums(entry: Path) -> dict[str, str]:
    return {name: hashlib.sha256((entry / name).read_bytes()).hexdigest() for name in (ARCHIVE, WHEELS)}
