"""Builds the package: ``python -m tools.package [--runtime python3.13] [--architecture arm64]``."""

from __future__ import annotations

import argparse

from tools.cli import echo, run_main
from tools.package.build import MEGABYTE, build
from tools.package.target import DEFAULT, Target


def main() -> None:
    """Build the packages, and print the path, size and checksum of that of the API."""
    parser = argparse.ArgumentParser(prog="python -m tools.package", description="Build the package for Lambda.")
    parser.add_argument("--runtime", default=DEFAULT.runtime, help="the Lambda runtime, for example python3.13")
    parser.add_argument("--architecture", default=DEFAULT.architecture, help="arm64 or x86_64")
    arguments = parser.parse_args()
    package = build(Target.named(arguments.runtime, arguments.architecture))
    echo(f"{package.path.parent.name}/{package.path.name}: {package.size / MEGABYTE:.2f} MB, SHA-256 {package.sha256}")


if __name__ == "__main__":
    run_main(main)
