"""Lets osls compile a template, without credentials, without a network and without a package."""

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

COMPILED = "cloudformation-template-update-stack.json"
NO_CREDENTIALS = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def compile_template(stage: str, params: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the template of a stage.

    Args:
        stage: the stage.
        params: parameters of serverless.yml, over the stage's own.

    Raises:
        CliError: osls refuses; in its words.
    """
    with TemporaryDirectory(prefix="clowder-template-") as name:
        folder = Path(name)
        osls.prepare_workdir(folder)
        told = {"artifact": str(_stand_in(folder)), **(params or {})}
        done = run(folder, ["package", "--package", str(folder / "out")], stage, told)
        if done.returncode:
            raise CliError(done.stdout.partition("Error:\n")[2].partition("\n\n")[0].strip() or done.stderr.strip())
        template: dict[str, Any] = json.loads((folder / "out" / COMPILED).read_text(encoding="utf-8"))
        return template


def run(folder: Path, command: list[str], stage: str, params: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command of osls in a folder that is furnished, as somebody who has no credentials."""
    return subprocess.run(
        [str(osls.PROGRAM), *command, "--stage", stage, *(f"--param={key}={value}" for key, value in params.items())],
        cwd=folder,
        env=_without_keys() | osls.QUIET | NO_CREDENTIALS,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _stand_in(folder: Path) -> Path:
    """Write something small in place of the package: of its content, the template has only a hash."""
    package = folder / "package.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr(zipfile.ZipInfo("handler.py"), "")
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    package.with_suffix(".zip.sha256").write_text(f"{digest}  {package.name}\n", encoding="ascii")
    return package


def _without_keys() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
