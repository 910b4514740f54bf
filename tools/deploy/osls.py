"""The serverless CLI, from npm."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from tools.deploy.service import ROOT

PROGRAM = ROOT / "node_modules" / ".bin" / "osls"
QUIET = {"AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true"}
"""Node 20 works, and is what we ask for: its end is no news of a deployment."""


def run(command: list[str], stage: str, region: str, params: Mapping[str, str]) -> bool:
    """Run a command of osls for a stage; its own words go to the terminal. Say whether it succeeded."""
    told = [f"--param={key}={value}" for key, value in params.items()]
    done = subprocess.run(
        [str(PROGRAM), *command, "--stage", stage, "--region", region, *told],
        cwd=ROOT,
        env=os.environ | QUIET,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0
