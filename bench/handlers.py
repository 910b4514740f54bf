"""The handlers that the benchmark measures, each in a folder with the files that it deploys and nothing else."""

from __future__ import annotations

import json
import os
import time
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import peer_packages, workloads
from bench.environment import BENCH_DIR, BenchEnvironment
from bench.goals import CLOWDER_NAME
from bench.peer_packages import PEERS, Deployment, Implementation
from bench.worker import WARM_UP
from bench.workloads import WORKLOADS, Workload
from tools.cli import CliError
from tools.package.build import MEGABYTE, Package
from tools.package.target import host_target

CLOWDER = Implementation(CLOWDER_NAME, "Clowder")
LIST_LENGTH = 20
"""The number of cats in the response of a list."""


@dataclass(frozen=True)
class Handler:
    """A deployed handler.

    Args:
        environment: the benchmark environment.
        implementation: Clowder or one of the peers.
        deployment: the deployed files.
        python: the interpreter that runs the handler.
    """

    environment: BenchEnvironment
    implementation: Implementation
    deployment: Deployment
    python: str

    @property
    def name(self) -> str:
        """The key of the handler in the measurements."""
        return self.implementation.name

    @property
    def megabytes(self) -> float:
        """The size of the zip archive in MB."""
        return self.deployment.archive.stat().st_size / MEGABYTE

    def case_file(self, work: Workload) -> Path:
        """Return the path of the test case of a workload for this handler."""
        return self.environment.folder / f"{work.key}-{self.name}.json"

    def write_case(self, work: Workload, expected: Any) -> None:
        """Write the test case of a workload. The expected body is included if responses are compared."""
        implementation, token = self.implementation, self.environment.token
        read = workloads.make_read_event(work, implementation.api_type, token) if implementation.compared else None
        case = {
            "event": workloads.make_event(work, implementation.api_type, token, implementation == CLOWDER),
            "read_event": read,
            "expected": expected if implementation.compared else None,
            "ignored": work.ignored,
        }
        self.case_file(work).write_text(json.dumps(case), encoding="utf-8")

    def run(self, arguments: list[str]) -> tuple[str, str]:
        """Run Python with only the deployed files on its path (see ``BenchEnvironment.run``)."""
        return self.environment.run(arguments, self.python, self.deployment.task)

    def run_worker(self, command: str, work: Workload, *numbers: int) -> Any:
        """Run the worker in a fresh process and return its output.

        Raises:
            CliError: the response was not the expected one, or the worker failed.
        """
        case = str(self.case_file(work))
        arguments = [str(BENCH_DIR / "worker.py"), command, self.implementation.entry, case, *map(str, numbers)]
        try:
            return json.loads(self.run(arguments)[0])
        except CliError as error:
            raise CliError(f"{self.implementation.title}, {work.title}: {error}") from error

    def measure_cold(self, work: Workload) -> dict[str, float]:
        """Measure a cold start, from the start of the process to the first response."""
        numbers: dict[str, float] = self.run_worker("cold", work, time.monotonic_ns())
        return numbers

    def measure_warm(self, work: Workload, requests: int, warm_up: int = WARM_UP) -> dict[str, float]:
        """Measure requests in a row, after warm-up requests that are not counted."""
        numbers: dict[str, float] = self.run_worker("warm", work, requests, warm_up)
        return numbers


def deploy(environment: BenchEnvironment, package: Package) -> list[Handler]:
    """Unpack the packages of Clowder and the peers, and write all test cases. Clowder is the first handler.

    Raises:
        CliError: a peer cannot be installed, or Clowder's response is not the expected one.
    """
    target, task = host_target(), environment.folder / CLOWDER_NAME
    with zipfile.ZipFile(package.path) as zipped:
        zipped.extractall(task)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        peers = pool.map(lambda peer: peer_packages.deploy(peer, target), PEERS)
        deployments = [Deployment(package.path, task), *peers]
    handlers = [
        Handler(environment, implementation, deployment, target.interpreter())
        for implementation, deployment in zip((CLOWDER, *PEERS), deployments, strict=True)
    ]
    for work in WORKLOADS:
        expected = get_expected_body(handlers[0], work)
        for handler in handlers:
            handler.write_case(work, expected)
    return handlers


def get_expected_body(clowder: Handler, work: Workload) -> Any:
    """Return the body of Clowder's response, which all compared peers must return too.

    Raises:
        CliError: the body does not fit the workload.
    """
    clowder.write_case(work, None)
    body = clowder.run_worker("response", work)
    cats: Sequence[dict[str, Any]] = body.get("items", [body])
    description = workloads.cat_body()["description"] if work.changes else cats[0]["description"]
    if len(cats) != (LIST_LENGTH if work.query else 1) or cats[0]["description"] != description:
        raise CliError(f"Clowder's response to the workload {work.title!r} is not the expected one: {body}")
    return body
