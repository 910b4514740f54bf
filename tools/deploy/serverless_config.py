"""Read serverless.yml, which defines the service and its stages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tools.cli import CliError

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "serverless.yml"


def stages() -> list[str]:
    """Return the names of the stages, in the order of the file."""
    return [name for name in _load()["params"] if name != "default"]


def check_stage(stage: str) -> None:
    """Check that a stage exists.

    Raises:
        CliError: it does not exist.
    """
    known = stages()
    if stage not in known:
        raise CliError(f"There is no stage {stage!r}. The stages are {', '.join(known)}. Nothing was changed.")


def name() -> str:
    """Return the name of the service, which is the prefix of every stack name."""
    return str(_load()["service"])


def parameter(stage: str, key: str, params: Mapping[str, str]) -> str:
    """Return a parameter as osls resolves it: from ``params``, else from the stage, else from the defaults."""
    config = _load()["params"]
    return str({**config["default"], **config[stage], **params}[key])


@cache
def _load() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))
