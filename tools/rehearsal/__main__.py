"""Rehearses everything, with a line for each step: ``make rehearse``, or ``python -m tools.rehearsal``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.cli import echo, run_main
from tools.package.build import build
from tools.package.target import host_target
from tools.rehearsal.environment import Environment
from tools.rehearsal.ministack import MiniStack
from tools.rehearsal.scenario import STEPS, Rehearsal


def main() -> None:
    """Build the package that this machine can run, unless one is given, and go through all the steps."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.rehearsal", description="Rehearses a deployment, host_target."
    )
    parser.add_argument("--artifact", type=Path, help="the package, for this machine; without it, it is built now")
    given = parser.parse_args().artifact
    target = host_target()
    package = given.resolve() if given else build(target).path
    with TemporaryDirectory(prefix="clowder-rehearsal-") as folder, MiniStack(Path(folder)) as cloud:
        echo(f"An AWS on this machine: {cloud.url}")
        rehearsal = Rehearsal(Environment(cloud, target), package, Path(folder))
        for number, step in enumerate(STEPS, 1):
            began = time.monotonic()
            echo(f"{number:2}. {step(rehearsal)} ({time.monotonic() - began:.1f} s)")
    echo("It all went as it should; nothing of it is left on this machine.")


if __name__ == "__main__":
    run_main(main)
