"""Builds the image: ``python -m tools.image [--runtime python3.13] [--architecture arm64] [--tag NAME]``.

The variable BASE_IMAGE selects a base image. Its Python then determines the runtime, and --runtime is ignored.
The variable SOURCE_URL is the URL of the source code, for a label of the image.
"""

from __future__ import annotations

import argparse
import os

from tools.cli import CliError, echo, run_main
from tools.image.base import NAME, ensure_base
from tools.image.build import NO_SOURCE, build
from tools.package.target import DEFAULT, Target, host_target

LAMBDA_BASE = "public.ecr.aws/lambda/python"
"""The base image of Lambda. Its tags are versions of Python."""


def main() -> None:
    """Build the image of the function and print its name and id."""
    parser = argparse.ArgumentParser(prog="python -m tools.image", description="Build the container image for Lambda.")
    parser.add_argument("--runtime", default=DEFAULT.runtime, help="the Lambda runtime, for example python3.13")
    parser.add_argument("--architecture", default=DEFAULT.architecture, help="arm64 or x86_64")
    parser.add_argument("--tag", default="localhost/clowder", help="the name of the image")
    arguments = parser.parse_args()
    target = Target.named(arguments.runtime, arguments.architecture)
    base = choose_base(target, os.environ.get("BASE_IMAGE") or f"{LAMBDA_BASE}:{target.version}")
    digest = build(base, target.architecture, arguments.tag, source=os.environ.get("SOURCE_URL") or NO_SOURCE)
    echo(f"{arguments.tag}: {digest}")


def choose_base(target: Target, name: str) -> str:
    """Return the base image. Create the local base image if it is selected and does not exist.

    Raises:
        CliError: the local base image cannot be created, or not for the architecture of the target.
    """
    if name != NAME:
        return name
    architecture = host_target().architecture
    if target.architecture != architecture:
        raise CliError(f"{NAME} has the architecture of this machine: add ARCHITECTURE={architecture}.")
    return ensure_base()


if __name__ == "__main__":
    run_main(main)
