"""Brings what production needs, as wheels for the target, and leaves out what is never used there."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.cli import CliError
from tools.package import service_data
from tools.package.sources import ROOT
from tools.package.target import Target

REQUIREMENTS = ROOT / "requirements.txt"

# Licences stay, with the metadata that names them. So does botocore/cacert.pem: the certificates that boto3 trusts.
UNUSED = (
    "bin",  # console scripts
    "boto3/data", "boto3/examples",  # for boto3.resource, which the store does not use
    "cffi", "pycparser", "pycparser-*.dist-info",  # they build bindings; _cffi_backend, which runs them, stays
    "pytz/zoneinfo",  # Flask-RESTful imports pytz for its UTC
    "dateutil/zoneinfo/*.tar.gz",
    "**/tests", "**/test",
    "**/*.pyi", "**/*.c", "**/*.h", "**/*.pyx", "**/py.typed",
    "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "*.dist-info/WHEEL",
    "*.dist-info/direct_url.json", "*.dist-info/top_level.txt", "*.dist-info/entry_points.txt", "*.dist-info/zip-safe",
)  # fmt: skip

Wheels = dict[str, str]
"""The SHA-256 of the wheel that each distribution came from, by the distribution's normalised name."""


def install(target: Target, folder: Path, requirements: Path = REQUIREMENTS) -> Wheels:
    """Install pinned requirements into a folder, as they run on the target.

    Raises:
        CliError: pip cannot; its own words stand above.
    """
    with TemporaryDirectory(prefix="clowder-pip-") as name:
        report = Path(name) / "report.json"
        # Isolated from PYTHONPATH: it is this Python's own pip that installs.
        command = [sys.executable, "-I", "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--no-compile", "--implementation=cp", f"--python-version={target.version}"]
        command += [f"--platform={platform}" for platform in target.platforms]
        command += ["--target", str(folder), "--requirement", str(requirements), "--report", str(report)]
        if subprocess.run(command, check=False).returncode:
            raise CliError(
                f"There is no package for {target.name}: pip could not install {requirements.name} (see above)."
            )
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    return {
        normalised(each["metadata"]["name"]): each["download_info"]["archive_info"]["hashes"]["sha256"]
        for each in installed
    }


def normalised(name: str) -> str:
    """Return the name of a distribution as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def prune(folder: Path) -> None:
    """Leave out what nothing of ours reads."""
    for pattern in UNUSED:
        for path in sorted(folder.glob(pattern), reverse=True):
            _remove(path)
    service_data.cut(folder / "botocore" / "data")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
