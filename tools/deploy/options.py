"""The command line of a deployment."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from tools.cli import CliError
from tools.deploy import serverless_config
from tools.deploy.smoke import SECONDS
from tools.region import add_region_option


@dataclass(frozen=True)
class DeployOptions:
    """What to deploy, and where.

    Args:
        stage: for example ``staging``.
        region: the AWS region.
        artifact: an existing package; None builds one.
        sha256: the SHA-256 that an existing package must have; None reads it from the file ``.sha256`` beside it.
        params: parameters of serverless.yml.
        patience: the time limit of the smoke test, in seconds.
    """

    stage: str
    region: str
    artifact: Path | None = None
    sha256: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    patience: float = SECONDS

    @property
    def image(self) -> str:
        """The container image; empty for a zip package."""
        return self._parameter("image") if self._parameter("packageType") == "image" else ""

    @property
    def package(self) -> Path:
        """The package, which the plugin builds unless one is given."""
        name = f"clowder-{self._parameter('runtime')}-{self._parameter('architecture')}.zip"
        return self.artifact or serverless_config.ROOT / "dist" / name

    @property
    def cli_params(self) -> dict[str, str]:
        """The parameters of the serverless CLI."""
        values = {"artifact": str(self.artifact)} if self.artifact else {}
        values |= {"sha256": self.sha256} if self.sha256 else {}
        return values | self.params

    def _parameter(self, name: str) -> str:
        return serverless_config.parameter(self.stage, name, self.params)


def parse(arguments: list[str] | None = None) -> DeployOptions:
    """Parse the command line.

    Raises:
        CliError: a parameter does not have the form NAME=VALUE.
    """
    values = vars(_parser().parse_args(arguments))
    pairs = [*values.pop("params"), *values.pop("param")]
    return DeployOptions(**values, params=dict(pairs))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.deploy", description="Deploy a stage, run the smoke test, and roll back on failure."
    )
    parser.add_argument("--stage", required=True, help="a stage in serverless.yml")
    add_region_option(parser)
    parser.add_argument("--artifact", type=lambda name: Path(name).resolve(), help="an existing package")
    parser.add_argument("--sha256", help="the SHA-256 that the package must have")
    parser.add_argument(
        "--param", type=_pair, action="append", default=[], metavar="NAME=VALUE", help="a parameter of serverless.yml"
    )
    parser.add_argument("--params", type=_pairs, default=[], help="several NAME=VALUE, quoted as in a shell")
    parser.add_argument("--patience", type=float, default=SECONDS, help="time limit of the smoke test, in seconds")
    return parser


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return [_pair(word) for word in shlex.split(text)]
    except ValueError:
        raise CliError(f"The parameters {text} have an unclosed quotation mark. Nothing was changed.") from None


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not name or not equals:
        raise CliError("A parameter must have the form NAME=VALUE. Nothing was changed.")
    return name, value
