"""osls, the serverless CLI."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.cli import CliError
from tools.deploy.serverless_config import ROOT

PROGRAM = ROOT / "node_modules" / ".bin" / "serverless"
"""The program of ``npx serverless``."""
COPIED = ("serverless.yml", "infra")
"""The configuration that osls reads."""
LINKED = ("tools", "node_modules")
"""The plugins. They work in the folder of the repository, also if they are linked."""
REFUSED = 3
"""The exit status of the plugin (tools/serverless/package.cjs) if a check failed and nothing was changed."""
QUIET = {"AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true"}
"""Hides the warning that the AWS SDK will drop Node 20."""


def check_installed(program: Path = PROGRAM) -> None:
    """Check that Node and the serverless CLI are installed.

    Raises:
        CliError: one of them is missing.
    """
    if shutil.which("node") is None:
        raise CliError(
            "Deploying needs Node 20 or newer, but node was not found (https://nodejs.org). Nothing was changed."
        )
    if not program.is_file():
        raise CliError(f"The serverless CLI is not installed ({program} is missing). Run npm ci. Nothing was changed.")


def run(command: list[str], stage: str, region: str, params: Mapping[str, str]) -> bool:
    """Run an osls command for a stage, show its output, and return whether it succeeded.

    Raises:
        CliError: a check of the plugin failed, and nothing was changed.
    """
    arguments = [f"--param={name}={value}" for name, value in params.items()]
    with TemporaryDirectory(prefix="clowder-osls-") as folder:
        prepare_workdir(Path(folder))
        result = subprocess.run(
            [str(PROGRAM), *command, "--stage", stage, "--region", region, *arguments],
            cwd=folder,
            env=os.environ | QUIET,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    if result.returncode == REFUSED:
        raise CliError(f"osls {command[0]} stopped for the reason above. Nothing was changed.")
    return result.returncode == 0


def prepare_workdir(folder: Path) -> None:
    """Make a folder for osls. osls stores its state in its folder, so that two runs need two folders."""
    for name in COPIED:
        source, copy = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copyfile(source, copy)
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
