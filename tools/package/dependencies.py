"""Brings what production needs, as wheels for the target, and leaves out what is never used there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.package.target import Target
from tools.problem import Problem

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements.txt"
SERVICES = ("dynamodb",)
"""The AWS services whose data botocore reads; every other service's is left out (29 MB of 30)."""

UNUSED = (
    "bin",  # console scripts
    "boto3/data", "boto3/examples",  # boto3.resource's, which we do not use
    "cffi", "cffi-*.dist-info", "pycparser", "pycparser-*.dist-info",  # they build bindings, which are built already
    "pytz/zoneinfo",  # Flask-RESTful imports pytz for its UTC
    "dateutil/zoneinfo/*.tar.gz",
    "**/tests", "**/test",
    "**/*.pyi", "**/*.c", "**/*.h", "**/*.pyx", "**/py.typed",
    "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "*.dist-info/WHEEL",
    "*.dist-info/direct_url.json", "*.dist-info/top_level.txt", "*.dist-info/entry_points.txt", "*.dist-info/zip-safe",
)  # fmt: skip


def install(target: Target, folder: Path) -> None:
    """Install the pinned requirements into a folder, as they run on the target.

    Raises:
        Problem: pip cannot; its own words stand above.
    """
    command = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--no-compile", "--implementation=cp", f"--python-version={target.version}"]
    command += [f"--platform={platform}" for platform in target.platforms]
    done = subprocess.run([*command, "--target", str(folder), "--requirement", str(REQUIREMENTS)], check=False)
    if done.returncode:
        raise Problem(f"There is no package for {target.name}: pip could not install requirements.txt (see above).")


def prune(folder: Path) -> None:
    """Leave out what nothing of ours reads."""
    for pattern in UNUSED:
        for path in sorted(folder.glob(pattern), reverse=True):
            _remove(path)
    for path in (folder / "botocore" / "data").iterdir():
        if path.is_dir() and path.name not in SERVICES:
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
