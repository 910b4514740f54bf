"""Run the rehearsal and print a line for each step: ``make rehearse``, or ``python -m tools.rehearsal``."""

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
    """Build a package for this machine, unless one is given, and run all steps."""
    parser = argparse.ArgumentParser(prog="python -m tools.rehearsal", description="Rehearse a deployment locally.")
    parser.add_argument("--artifact", type=Path, help="a package for this machine; default: build it")
    artifact = parser.parse_args().artifact
    target = host_target()
    package = artifact.resolve() if artifact else build(target).path
    with TemporaryDirectory(prefix="clowder-rehearsal-") as folder, MiniStack(Path(folder)) as cloud:
        echo(f"Local AWS: {cloud.url}")
        rehearsal = Rehearsal(Environment(cloud, target), package, Path(folder))
        for number, step in enumerate(STEPS, 1):
            start = time.monotonic()
            echo(f"{number:2}. {step(rehearsal)} ({time.monotonic() - start:.1f} s)")
    echo("The rehearsal passed. It left no files and no processes.")


if __name__ == "__main__":
    run_main(main)
