"""What serverless.yml says of the stages: it is the only list of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tools.cli import CliError

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "serverless.yml"
REGION = "eu-west-1"
"""Where a café is deployed unless somebody says otherwise."""


def stages() -> list[str]:
    """Return the names of the stages, in the order of the file."""
    return [name for name in _service()["params"] if name != "default"]


def check_stage(stage: str) -> None:
    """Let only stages pass.

    Raises:
        CliError: there is no such stage.
    """
    known = stages()
    if stage not in known:
        raise CliError(f"There is no stage {stage!r}: it is one of {', '.join(known)}. Nothing was changed.")


def name() -> str:
    """Return the service's name, which begins the name of each of its stacks."""
    return str(_service()["service"])


def parameter(stage: str, key: str, told: Mapping[str, str]) -> str:
    """Return a parameter as osls resolves it: what is told, else the stage's, else everybody's."""
    params = _service()["params"]
    return str({**params["default"], **params[stage], **told}[key])


def _service() -> dict[str, Any]:
    service: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return service
