"""What is to be deployed, and where to."""

from __future__ import annotations

import argparse
import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from tools.cli import CliError
from tools.deploy import serverless_config
from tools.deploy.smoke import SECONDS


@dataclass(frozen=True)
class DeployOptions:
    """What somebody asks for.

    Args:
        stage: for example ``staging``.
        region: AWS's name of the region.
        runtime: Lambda's name of the runtime.
        architecture: ``arm64`` or ``x86_64``.
        artifact: the package; without one it is built.
        sha256: the digest that the package must have, if that is known.
        params: parameters of serverless.yml.
        patience: for how many seconds the smoke test may try.
    """

    stage: str
    region: str
    runtime: str
    architecture: str
    artifact: Path | None = None
    sha256: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    patience: float = SECONDS

    @property
    def package_type(self) -> str:
        """What is to run: ``zip`` or ``image``."""
        return serverless_config.parameter(self.stage, "packageType", self.params)

    @property
    def image(self) -> str | None:
        """The container image that is to run; None if it is a package."""
        return serverless_config.parameter(self.stage, "image", self.params) if self.package_type == "image" else None


def parse(arguments: list[str] | None = None) -> DeployOptions:
    """Read the order from the command line.

    Raises:
        CliError: a parameter is not spelt NAME=VALUE.
    """
    told = _parser().parse_args(arguments)
    words = [*_words(told.params), *told.param]
    return DeployOptions(
        stage=told.stage,
        region=told.region,
        runtime=told.runtime,
        architecture=told.architecture,
        artifact=told.artifact.resolve() if told.artifact else None,
        sha256=told.sha256,
        params=dict(_pair(word) for word in words),
        patience=told.patience,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.deploy", description="Deploys, tries what was deployed, and takes it back if it fails."
    )
    parser.add_argument("--stage", required=True, help="one of the stages in serverless.yml")
    parser.add_argument(
        "--region", default=os.environ.get("AWS_REGION") or serverless_config.REGION, help="AWS_REGION, or %(default)s"
    )
    parser.add_argument("--runtime", default="python3.13", help="Lambda's name of the runtime")
    parser.add_argument("--architecture", default="arm64", help="arm64 or x86_64")
    parser.add_argument("--artifact", type=Path, help="the package; without it, it is built now")
    parser.add_argument("--sha256", help="the digest that the package must have")
    parser.add_argument("--param", action="append", default=[], metavar="NAME=VALUE", help="one of serverless.yml's")
    parser.add_argument("--params", default="", help="many of them, with quotes around what has spaces, as for a shell")
    parser.add_argument("--patience", type=float, default=SECONDS, help="seconds that the smoke test may take")
    return parser


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise CliError(f"In the parameters {text} a quotation does not end. Nothing was changed.") from None


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise CliError("A parameter is told as --param NAME=VALUE. Nothing was changed.")
    return name, value
