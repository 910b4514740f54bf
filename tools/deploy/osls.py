"""osls, the serverless CLI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.deploy.serverless_config import ROOT

PROGRAM = ROOT / "node_modules" / ".bin" / "osls"
INPUTS = ("serverless.yml", "infra", "tools/serverless")
"""The files that osls reads."""
QUIET = {"AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true"}
"""Hides the warning that the AWS SDK will drop Node 20."""


def run(command: list[str], stage: str, region: str, params: Mapping[str, str]) -> bool:
    """Run an osls command for a stage, show its output, and return whether it succeeded."""
    # The CLI refuses --param=NAME= and removes white space at the end of a value.
    arguments = [f"--param={name}={value or ' '}" for name, value in params.items()]
    with TemporaryDirectory(prefix="clowder-osls-") as folder:
        prepare_workdir(Path(folder))
        result = subprocess.run(
            [str(PROGRAM), *command, "--stage", stage, "--region", region, *arguments],
            cwd=folder,
            env=os.environ | QUIET,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    return result.returncode == 0


def prepare_workdir(folder: Path) -> None:
    """Copy the inputs of osls to a folder. osls stores its state there, so that two runs need two folders."""
    for name in INPUTS:
        source, copy = ROOT / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copyfile(source, copy)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
