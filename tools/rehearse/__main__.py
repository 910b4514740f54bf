"""Rehearses everything, with a line for each step: ``make rehearse``, or ``python -m tools.rehearse``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.package.build import build
from tools.package.target import here
from tools.problem import run_command, say
from tools.rehearse.ministack import MiniStack
from tools.rehearse.stage import Stage
from tools.rehearse.steps import STEPS, Rehearsal


def main() -> None:
    """Build the package that this machine can run, unless one is given, and go through all the steps."""
    parser = argparse.ArgumentParser(prog="python -m tools.rehearse", description="Rehearses a deployment, here.")
    parser.add_argument("--artifact", type=Path, help="the package, for this machine; without it, it is built now")
    given = parser.parse_args().artifact
    target = here()
    package = given.resolve() if given else build(target).path
    with TemporaryDirectory(prefix="clowder-rehearsal-") as folder, MiniStack(Path(folder)) as cloud:
        say(f"An AWS on this machine: {cloud.url}")
        rehearsal = Rehearsal(Stage(cloud, target), package, Path(folder))
        for number, step in enumerate(STEPS, 1):
            began = time.monotonic()
            say(f"{number:2}. {step(rehearsal)} ({time.monotonic() - began:.1f} s)")
    say("It all went as it should; nothing of it is left on this machine.")


if __name__ == "__main__":
    run_command(main)
