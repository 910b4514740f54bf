"""Where every handler is measured: the embedded engine with the sample café in it, and fresh processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.workloads import GET, event
from tools.cli import CliError
from tools.local.dynamodb import DynamoDBEmulator

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).parent
OURS = "handler"
"""The module of our handler, where it is run from its sources."""


@dataclass(frozen=True)
class Stage:
    """An engine that runs, and all that a fresh process needs to be measured on it.

    Args:
        folder: for whatever has to be written down.
        environment: that of the deployed function.
        token: a session's, of somebody of the staff.
    """

    folder: Path
    environment: dict[str, str]
    token: str = ""

    @property
    def event(self) -> Path:
        """The file of a request for one cat."""
        return self.folder / "event.json"

    def run(self, arguments: list[str], python: str = sys.executable, task: Path | None = None) -> tuple[str, str]:
        """Run Python on something in a fresh process, and return what it printed and what it logged.

        The log goes to a file: it costs what a log costs, and wakes nobody who reads it.

        Args:
            arguments: Python's.
            python: the interpreter.
            task: what is deployed: the only folder in which modules are found. The sources, if none is given.
        """
        command = [python, "-P", *(["-S"] if task else []), *arguments]
        given = self.environment | {"PYTHONPATH": str(task or ROOT)}
        with (self.folder / "log").open("w+", encoding="utf-8") as log:
            done = subprocess.run(
                command, cwd=task or ROOT, env=given, stdout=subprocess.PIPE, stderr=log, text=True, check=False
            )
            log.seek(0)
            logged = log.read()
        if done.returncode:
            raise CliError(f"Nothing is measured: {' '.join(arguments)} failed. {logged[-2000:]}")
        return done.stdout, logged


@contextmanager
def stage() -> Iterator[Stage]:
    """Start an engine, open the sample café on it, and close both at the end."""
    with TemporaryDirectory(prefix="clowder-bench-") as name, DynamoDBEmulator(Path(name) / "bench.db") as engine:
        bare = Stage(Path(name), environment(engine.url))
        token = bare.run(["-m", "bench.prepare"])[0].strip()
        ready = Stage(bare.folder, bare.environment, token)
        ready.event.write_text(json.dumps(event(GET, "http", token, clowder=True)), encoding="utf-8")
        yield ready


def environment(url: str) -> dict[str, str]:
    """Return the environment of the deployed function. Peers find the engine in the way that boto3 knows."""
    return {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL_DYNAMODB": url,
        "DYNAMODB_URL": url,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "TABLE_NAME": "clowder-bench",
        "CURSOR_KEY": "a key that signs nothing but a benchmark",
        "STAGE": "bench",
        "STRIP_STAGE_PATH": "yes",
    }
