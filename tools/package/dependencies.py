"""Installs the dependencies as wheels for the target, and removes files that are not used."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tools.cli import CliError
from tools.package import service_data
from tools.package.sources import ROOT
from tools.package.target import UV, Target

REQUIREMENTS = ROOT / "requirements.txt"
PHOTO_REQUIREMENTS = ROOT / "requirements-photos.txt"
"""What only the photo function needs."""
LOCK = ROOT / "requirements-lock.txt"
"""The SHA-256 of all wheels of the requirements. ``make lock`` writes it."""

# Not in this list: licences with the metadata that names them, and botocore/cacert.pem, the certificates for boto3.
UNUSED = (
    "bin",  # console scripts
    ".lock",  # uv
    "boto3/data", "boto3/examples",  # for boto3.resource, which the store does not use
    "cffi", "pycparser", "pycparser-*.dist-info",  # build-time only; _cffi_backend, the runtime part, is not removed
    "pytz/zoneinfo",  # Flask-RESTful imports pytz only for UTC
    "dateutil/zoneinfo/*.tar.gz", "dateutil/rrule.py", "dateutil/easter.py",  # calendars
    "tzdata/zoneinfo/*.tab", "tzdata/zoneinfo/*.zi", "tzdata/zoneinfo/leapseconds",  # zoneinfo reads only binary files
    "werkzeug/debug", "werkzeug/middleware", "werkzeug/testapp.py",  # for the server of Werkzeug
    "s3transfer/processpool.py",  # transfers in several processes
    "urllib3/contrib/emscripten",  # Python in a browser
    "**/tests", "**/test",
    "**/*.pyi", "**/*.c", "**/*.h", "**/*.pyx", "**/py.typed",
    "PIL/_avif.*", "PIL/_imagingft.*", "PIL/_imagingtk.*",  # AVIF, fonts and Tk, and what they need
    "pillow.libs/libavif-*", "pillow.libs/libfreetype-*", "pillow.libs/libharfbuzz-*", "pillow.libs/libpng16-*",
    "pillow.libs/libbrotli*",
    "*.dist-info/RECORD", "*.dist-info/INSTALLER", "*.dist-info/REQUESTED", "*.dist-info/WHEEL",
    "*.dist-info/sboms",  # of libraries in Rust
    "*.dist-info/direct_url.json", "*.dist-info/top_level.txt", "*.dist-info/entry_points.txt", "*.dist-info/zip-safe",
)  # fmt: skip


def install(target: Target, folder: Path, requirements: Path, *options: str) -> None:
    """Install pinned requirements into a folder, as wheels for the target.

    Raises:
        CliError: there is no interpreter of the version, or uv failed. Its messages were printed.
    """
    command = [*UV, "pip", "install", "--quiet", "--only-binary=:all:"]
    command += ["--python", target.interpreter(), "--python-version", target.version]
    command += ["--python-platform", target.platform, "--target", str(folder)]
    command += ["--requirements", str(requirements), *options]
    # Target.compile makes the bytecode. That of uv has time stamps.
    if subprocess.run(command, check=False, env=os.environ | {"UV_COMPILE_BYTECODE": "0"}).returncode:
        raise CliError(f"uv could not install {requirements.name} for {target.name} (see above).")


def install_compiled(target: Target, task: Path) -> None:
    """Install the requirements of the API into a folder, as bytecode and without unused files.

    A wheel whose hash is not in the lock is an error, and so is a requirement whose version is not in the lock.
    """
    _install_used(target, task, REQUIREMENTS)
    service_data.cut(task / "botocore" / "data")
    target.compile(task, with_source=False)


def install_photo_requirements(target: Target, folder: Path) -> None:
    """Install what only the photo function needs into a folder, in the same way."""
    _install_used(target, folder, PHOTO_REQUIREMENTS)
    target.compile(folder, with_source=False)


def _install_used(target: Target, folder: Path, requirements: Path) -> None:
    install(target, folder, requirements, "--require-hashes", "--constraints", str(LOCK))
    for pattern in UNUSED:
        for path in sorted(folder.glob(pattern), reverse=True):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
