"""Measure the pages: bytes, milliseconds of CPU and capacity units."""

from __future__ import annotations

import gzip
import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.environment import BENCH_DIR
from bench.handlers import Handler
from bench.report_parts import table
from bench.workloads import Workload, make_event

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "accept-encoding": "gzip"}
STYLE = "api/web/static/style.css"
RUNS, REQUESTS = 5, 50


@dataclass(frozen=True)
class PageCase:
    """A page.

    Args:
        title: the title in the report.
        path: the path.
        units: the most capacity units that a request may consume, in a new process.
        staff: whether a member of the staff is logged in.
    """

    title: str
    path: str
    units: float
    staff: bool = False


PAGES = (
    PageCase("Home", "/", 3),
    PageCase("The cats", "/cats", 4),
    PageCase("A cat", "/cats/luna", 2),
    PageCase("The menu", "/pies", 2),
    PageCase("A pie", "/pies/cherry", 2),
    PageCase("News", "/posts", 3),
    PageCase("Log in", "/login", 1),
    PageCase("A cat, for the staff", "/cats/luna", 6, staff=True),
    PageCase("What to do next", "/todos/next", 12, staff=True),
    PageCase("A form", "/forms/pies/cherry", 4, staff=True),
)
Figures = dict[PageCase, dict[str, float]]


def measure(clowder: Handler, runs: int = RUNS, requests: int = REQUESTS) -> Figures:
    """Return the figures of each page: the medians of some fresh processes.

    Raises:
        CliError: a page has another status than 200.
    """
    return {case: _measure(clowder, case, runs, requests) for case in PAGES}


def _measure(clowder: Handler, case: PageCase, runs: int, requests: int) -> dict[str, float]:
    work = Workload("page", case.title, "GET", case.path, requests, clowder_login=case.staff)
    event = make_event(work, "http", clowder.environment.token, clowder=True)
    event["headers"] |= BROWSER
    file = clowder.environment.folder / "page.json"
    file.write_text(json.dumps(event), encoding="utf-8")
    arguments = [str(BENCH_DIR / "page_worker.py"), clowder.implementation.entry, str(file), str(requests)]
    samples = []
    for _ in range(runs):
        output, log = clowder.run(arguments)
        units = max(json.loads(line).get("capacity", 0.0) for line in log.splitlines() if line.startswith("{"))
        samples.append(json.loads(output) | {"units": units})
    return {name: statistics.median(sample[name] for sample in samples) for name in samples[0]}


def placeholders(figures: Figures, clowder: Handler) -> dict[str, str]:
    """Return the table of the pages, and the bytes of the style sheet, by their placeholders in the report."""
    style = (clowder.deployment.task / STYLE).read_bytes()
    head = ("", "HTML, bytes", "compressed", "first page of a process, ms", "later, ms", "capacity units")
    return {
        "pages": table(head, [(case.title, *_cells(values)) for case, values in figures.items()]),
        "style": f"{len(style):,}",
        "style_sent": f"{len(gzip.compress(style, compresslevel=6, mtime=0)):,}",
    }


def _cells(values: dict[str, float]) -> Sequence[str]:
    return (
        f"{values['html']:,.0f}",
        f"{values['sent']:,.0f}",
        f"{values['first_ms']:.0f}",
        f"{values['warm_ms']:.1f}",
        f"{values['units']:g}",
    )
