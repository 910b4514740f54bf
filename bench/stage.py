"""Where every handler is measured: the embedded engine with the sample café in it, and one request for one cat."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tools.engine import Engine
from tools.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).parent
RECORDED = ROOT / "tests" / "deploy" / "event.json"
CAT = "luna"

OURS = "handler"
BARE = "bench.peers.bare"


@dataclass(frozen=True)
class Stage:
    """An engine that runs, and all that a fresh process needs to be measured on it."""

    folder: Path
    environment: dict[str, str]

    @property
    def event(self) -> Path:
        """The file of the request that everybody answers."""
        return self.folder / "event.json"

    def measure(self, what: str, module: str, number: int = 0) -> dict[str, float]:
        """Run the probe in a fresh process and return its numbers; ``number`` is that of requests."""
        probe = [str(HERE / "probe.py"), what, module, str(self.event)]
        told, _ = self.run([*probe, str(number if what == "warm" else time.monotonic_ns())])
        numbers: dict[str, float] = json.loads(told)
        return numbers

    def run(self, arguments: list[str]) -> tuple[str, str]:
        """Run Python on something in a fresh process, and return what it printed and what it logged.

        The log goes to a file: it costs what a log costs, and wakes nobody who reads it.
        """
        command = [sys.executable, "-P", *arguments]
        with (self.folder / "log").open("w+", encoding="utf-8") as log:
            done = subprocess.run(
                command, cwd=ROOT, env=self.environment, stdout=subprocess.PIPE, stderr=log, text=True, check=False
            )
            log.seek(0)
            logged = log.read()
        if done.returncode:
            raise Problem(f"Nothing is measured: {' '.join(arguments)} failed. {logged[-2000:]}")
        return done.stdout, logged


@contextmanager
def stage() -> Iterator[Stage]:
    """Start an engine, open the sample café on it, and close both at the end."""
    with TemporaryDirectory(prefix="clowder-bench-") as name, Engine(Path(name) / "bench.db") as engine:
        ready = Stage(Path(name), environment(engine.url))
        ready.event.write_text(json.dumps(request()), encoding="utf-8")
        ready.run(["-m", "bench.prepare"])
        yield ready


def environment(url: str) -> dict[str, str]:
    """Return the environment of the deployed function. Every handler finds the engine in the way that boto3 knows."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "AWS_ENDPOINT_URL_DYNAMODB": url,
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "TABLE_NAME": "clowder-bench",
        "CURSOR_KEY": "a key that signs nothing but a benchmark",
        "STAGE": "bench",
        "STRIP_STAGE_PATH": "yes",
    }


def request() -> dict[str, Any]:
    """Return the event of ``GET /cats/luna``, as an HTTP API sends it."""
    event: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/cats/{CAT}"
    return event
