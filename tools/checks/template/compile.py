"""Compile a template with osls, without credentials, network or package."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.cli import CliError
from tools.deploy import osls
from tools.package.build import PHOTOS_DIGEST, photo_package
from tools.package.target import DEFAULT, Target

COMPILED = "cloudformation-template-update-stack.json"
NO_CREDENTIALS = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def compile_template(stage: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the template of a stage.

    Args:
        stage: the stage.
        params: parameters that override those in serverless.yml.

    Raises:
        CliError: osls failed, with its error message.
    """
    with TemporaryDirectory(prefix="clowder-template-") as name:
        folder = Path(name)
        osls.prepare_workdir(folder)
        package = {} if params and "image" in params else {"artifact": str(placeholder_packages(folder))}
        result = run(folder, ["package", "--package", str(folder / "out")], stage, {**package, **(params or {})})
        if result.returncode:
            message = result.stdout.partition("Error:\n")[2].partition("\n\n")[0].strip()
            raise CliError(message or result.stderr.strip())
        return dict(json.loads((folder / "out" / COMPILED).read_text(encoding="utf-8")))


def run(folder: Path, command: list[str], stage: str, params: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run an osls command in a prepared folder, without credentials."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [str(osls.PROGRAM), *command, "--stage", stage, *(f"--param={key}={value}" for key, value in params.items())],
        cwd=folder,
        env=environment | NO_CREDENTIALS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def placeholder_packages(folder: Path, source: str = "", target: Target = DEFAULT) -> Path:
    """Write small packages of both functions, and return that of the API. The template contains only their hashes.

    Args:
        folder: the folder of the packages.
        source: the source of ``api/__init__.py``.
        target: the target of the packages.
    """
    package, photos = folder / "package.zip", folder / photo_package(target)
    with zipfile.ZipFile(photos, "w") as archive:
        archive.writestr(zipfile.ZipInfo("api/__init__.py"), "")
    photos_digest = hashlib.sha256(photos.read_bytes()).hexdigest()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(zipfile.ZipInfo("api/__init__.py"), source)
        archive.writestr(zipfile.ZipInfo(f"{PHOTOS_DIGEST}{photos_digest}"), "")
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    package.with_suffix(".zip.sha256").write_text(f"{digest}  {package.name}\n", encoding="ascii")
    return package
