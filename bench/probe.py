"""Runs in a fresh process: imports a handler, sends it a request, and prints what that took as one line of JSON.

probe.py cold <module> <event.json> <monotonic nanoseconds at which the process was started>
probe.py warm <module> <event.json> <requests>
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MILLI, MICRO = 1e6, 1e3
WARM_UP = 200
Numbers = dict[str, float]


def cold(module: str, event: dict[str, Any], began: int) -> Numbers:
    """Measure from the start of the process to the first answer."""
    entered, entered_cpu = time.monotonic_ns(), time.process_time_ns()
    handler = importlib.import_module(module).handler
    imported, imported_cpu = time.monotonic_ns(), time.process_time_ns()
    checked(handler, event)
    answered, answered_cpu = time.monotonic_ns(), time.process_time_ns()
    return {
        "cold_ms": (answered - began) / MILLI,
        "import_ms": (imported - entered) / MILLI,
        "first_ms": (answered - imported) / MILLI,
        "cold_cpu_ms": answered_cpu / MILLI,
        "import_cpu_ms": (imported_cpu - entered_cpu) / MILLI,
        "first_cpu_ms": (answered_cpu - imported_cpu) / MILLI,
        "peak_mb": peak_mb(),
    }


def warm(module: str, event: dict[str, Any], requests: int) -> Numbers:
    """Measure one request among many."""
    handler = importlib.import_module(module).handler
    for _ in range(WARM_UP):
        checked(handler, event)
    began, began_cpu = time.monotonic_ns(), time.process_time_ns()
    for _ in range(requests):
        handler(event, None)
    ended, ended_cpu = time.monotonic_ns(), time.process_time_ns()
    return {
        "warm_cpu_us": (ended_cpu - began_cpu) / MICRO / requests,
        "warm_us": (ended - began) / MICRO / requests,
    }


def checked(handler: Callable[..., dict[str, Any]], event: dict[str, Any]) -> None:
    """Send a request, and stop if it is not the cat who answers: a fast error is no good time."""
    answer = handler(event, None)
    if answer["statusCode"] != 200 or json.loads(answer["body"])["name"] not in event["rawPath"]:
        sys.exit(f"The answer is not the cat: {answer}")


def peak_mb() -> float:
    """Return the most memory that this process has held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def main(what: str, module: str, event: str, number: str) -> None:
    """Measure, and print."""
    request = json.loads(Path(event).read_text(encoding="utf-8"))
    print(json.dumps({"cold": cold, "warm": warm}[what](module, request, int(number))))


if __name__ == "__main__":
    main(*sys.argv[1:])
