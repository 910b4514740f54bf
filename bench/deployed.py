"""All who are measured, each as it is deployed: a folder for the target's Python, and nothing else beside it."""

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

from bench import installed, workloads
from bench.goals import OURS
from bench.installed import Deployed, Peer
from bench.probe import WARM_UP
from bench.stage import HERE, Stage
from bench.workloads import WORKLOADS, Workload
from tools.cli import CliError
from tools.package.build import MEGABYTE, Package
from tools.package.target import host_target

CLOWDER = Peer(OURS, "Clowder")
PAGE_OF = 20
"""How many cats the list has."""


@dataclass(frozen=True)
class Handler:
    """Somebody who answers.

    Args:
        stage: where.
        who: who it is.
        deployed: what is deployed.
        python: the interpreter that runs it.
    """

    stage: Stage
    who: Peer
    deployed: Deployed
    python: str

    @property
    def name(self) -> str:
        """The name in what is measured."""
        return self.who.name

    @property
    def megabytes(self) -> float:
        """The size of the package."""
        return self.deployed.archive.stat().st_size / MEGABYTE

    def request(self, work: Workload) -> Path:
        """Return the file of a workload's request to this handler."""
        return self.stage.folder / f"{work.key}-{self.name}.json"

    def write_case(self, work: Workload, expected: Any) -> None:
        """Write a workload's request into its file, with the expected answer if answers are compared."""
        who = self.who
        content = {
            "event": workloads.event(work, who.form, self.stage.token, who == CLOWDER),
            "first": workloads.first(work, who.form) if who.compared else None,
            "expected": expected if who.compared else None,
            "ignored": work.ignored,
        }
        self.request(work).write_text(json.dumps(content), encoding="utf-8")

    def run(self, arguments: list[str]) -> tuple[str, str]:
        """Run Python on something, beside what is deployed alone (see ``Stage.run``)."""
        return self.stage.run(arguments, self.python, self.deployed.task)

    def probe(self, what: str, work: Workload, *number: int) -> Any:
        """Run the probe in a fresh process and return what it says.

        Raises:
            CliError: the answer was wrong, or there was none.
        """
        arguments = [str(HERE / "probe.py"), what, self.who.entry, str(self.request(work)), *map(str, number)]
        try:
            return json.loads(self.run(arguments)[0])
        except CliError as problem:
            raise CliError(f"{self.who.title}, {work.title}: {problem}") from problem

    def cold(self, work: Workload) -> dict[str, float]:
        """Measure a start, up to the first answer."""
        numbers: dict[str, float] = self.probe("cold", work, time.monotonic_ns())
        return numbers

    def warm(self, work: Workload, requests: int, warm_up: int = WARM_UP) -> dict[str, float]:
        """Measure requests in a row, after some that are not counted."""
        numbers: dict[str, float] = self.probe("warm", work, requests, warm_up)
        return numbers


def deploy(stage: Stage, package: Package) -> list[Handler]:
    """Unpack our package, which comes first, and the peers' packages, and write the cases of all.

    Raises:
        CliError: a peer cannot be installed, or we do not answer what was asked for.
    """
    target, task = host_target(), stage.folder / OURS
    with zipfile.ZipFile(package.path) as zipped:
        zipped.extractall(task)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        peers = pool.map(lambda peer: installed.deploy(peer, target), installed.ALL)
        deployed = [Deployed(package.path, task), *peers]
    everybody = zip((CLOWDER, *installed.ALL), deployed, strict=True)
    handlers = [Handler(stage, who, what, target.interpreter()) for who, what in everybody]
    for work in WORKLOADS:
        right = expected(handlers[0], work)
        for handler in handlers:
            handler.write_case(work, right)
    return handlers


def expected(ours: Handler, work: Workload) -> Any:
    """Return what has to be answered: what we answer, if it is to the point.

    Raises:
        CliError: it is not.
    """
    ours.write_case(work, None)
    found = ours.probe("answer", work)
    shown: Sequence[dict[str, Any]] = found.get("items", [found])
    wanted = workloads.cat()["description"] if work.changes else shown[0]["description"]
    if len(shown) != (PAGE_OF if work.query else 1) or shown[0]["description"] != wanted:
        raise CliError(f"Nothing is measured: Clowder does not answer what was asked for: {work.title}, {found}")
    return found
