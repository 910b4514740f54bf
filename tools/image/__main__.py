"""Builds the image: ``python -m tools.image [--runtime python3.13] [--architecture arm64] [--tag NAME]``.

BASE_IMAGE names another base than Lambda's own; the base's Python is then the runtime, whatever --runtime says.
SOURCE_URL says where the sources are, for the image's label.
"""

from __future__ import annotations

import argparse
import os

from tools.cli import CliError, echo, run_main
from tools.image.base import NAME, ensure_base
from tools.image.build import NO_SOURCE, build
from tools.package.target import DEFAULT, Target, host_target

LAMBDA_BASE = "public.ecr.aws/lambda/python"
"""Lambda's base images; their tags are versions of Python."""


def main() -> None:
    """Build the function's image and say what it is called, with its id."""
    parser = argparse.ArgumentParser(prog="python -m tools.image", description="Builds the container image for Lambda.")
    parser.add_argument("--runtime", default=DEFAULT.runtime, help="Lambda's name of the runtime")
    parser.add_argument("--architecture", default=DEFAULT.architecture, help="the function's: arm64 or x86_64")
    parser.add_argument("--tag", default="localhost/clowder", help="the name of the image")
    told = parser.parse_args()
    target = Target.named(told.runtime, told.architecture)
    base = choose_base(target, os.environ.get("BASE_IMAGE") or f"{LAMBDA_BASE}:{target.version}")
    digest = build(base, target.architecture, told.tag, source=os.environ.get("SOURCE_URL") or NO_SOURCE)
    echo(f"{told.tag}: {digest}")


def choose_base(target: Target, named: str) -> str:
    """Return the base image that is named, made if it is ours.

    Raises:
        CliError: ours cannot be made here, or not for that architecture.
    """
    if named != NAME:
        return named
    if target.architecture != host_target().architecture:
        raise CliError(f"{NAME} is of this machine's architecture: add ARCHITECTURE={host_target().architecture}.")
    return ensure_base()


if __name__ == "__main__":
    run_main(main)
