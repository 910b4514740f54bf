"""The serverless CLI, from npm."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.deploy.serverless_config import ROOT

PROGRAM = ROOT / "node_modules" / ".bin" / "osls"
READ = ("serverless.yml", "infra", "tools/serverless")
"""What osls reads of us."""
QUIET = {"AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true"}
"""Node 20 works, and is what we ask for: its end is no news of a deployment."""


def run(command: list[str], stage: str, region: str, params: Mapping[str, str]) -> bool:
    """Run a command of osls for a stage; its own words go to the terminal. Say whether it succeeded."""
    told = [f"--param={key}={value}" for key, value in params.items()]
    with TemporaryDirectory(prefix="clowder-osls-") as folder:
        prepare_workdir(Path(folder))
        done = subprocess.run(
            [str(PROGRAM), *command, "--stage", stage, "--region", region, *told],
            cwd=folder,
            env=os.environ | QUIET,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    return done.returncode == 0


def prepare_workdir(folder: Path) -> None:
    """Make a folder of its own for osls, which keeps its state where it works: two at once would mix theirs up."""
    for name in READ:
        source, copy = ROOT / name, folder / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy)
        else:
            shutil.copyfile(source, copy)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
