"""The benchmark environment: the embedded DynamoDB with the sample data, and fresh processes."""

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

from bench.workloads import GET, make_event
from tools.cli import CliError, library_path
from tools.local.dynamodb import DynamoDBEmulator

ROOT = Path(__file__).resolve().parent.parent
BENCH_DIR = Path(__file__).parent
HANDLER_MODULE = "handler"
"""The module of Clowder's handler in the source tree."""


@dataclass(frozen=True)
class BenchEnvironment:
    """A running DynamoDB emulator, and what a fresh process needs to run a handler on it.

    Args:
        folder: a folder for files.
        variables: the environment variables of the deployed function.
        token: the session token of a staff member.
    """

    folder: Path
    variables: dict[str, str]
    token: str = ""

    @property
    def event(self) -> Path:
        """The file with the event of a GET of one cat."""
        return self.folder / "event.json"

    def run(self, arguments: list[str], python: str = sys.executable, task: Path | None = None) -> tuple[str, str]:
        """Run Python in a fresh process and return its output and its log.

        The log is written to a file, so that no other process uses CPU time to read it meanwhile.

        Args:
            arguments: the arguments of Python.
            python: the interpreter.
            task: the folder of the deployed files, the only one on the path. The default is the source tree.
        """
        command = [python, "-P", *(["-S"] if task else []), *arguments]
        variables = self.variables | {"PYTHONPATH": str(task or ROOT)}
        with (self.folder / "log").open("w+", encoding="utf-8") as file:
            process = subprocess.run(
                command, cwd=task or ROOT, env=variables, stdout=subprocess.PIPE, stderr=file, text=True, check=False
            )
            file.seek(0)
            log = file.read()
        if process.returncode:
            raise CliError(f"The benchmark has stopped: {' '.join(arguments)} failed. {log[-2000:]}")
        return process.stdout, log


@contextmanager
def bench_environment() -> Iterator[BenchEnvironment]:
    """Start the emulator and seed the table. Stop the emulator at the end."""
    with TemporaryDirectory(prefix="clowder-bench-") as name, DynamoDBEmulator(Path(name) / "bench.db") as emulator:
        folder, variables = Path(name), lambda_variables(emulator.url)
        token = BenchEnvironment(folder, variables).run(["-m", "bench.seed_table"])[0].strip()
        environment = BenchEnvironment(folder, variables, token)
        environment.event.write_text(json.dumps(make_event(GET, "http", token, clowder=True)), encoding="utf-8")
        yield environment


def lambda_variables(url: str) -> dict[str, str]:
    """Return the environment variables of the deployed function. Peers use boto3's variable for the endpoint."""
    return library_path() | {
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
