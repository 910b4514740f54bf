"""Runs in a fresh process, beside what is deployed and nothing else: measures a handler, and prints a line of JSON.

probe.py answer <entry> <request.json>
probe.py cold <entry> <request.json> <monotonic nanoseconds at which the process was started>
probe.py warm <entry> <request.json> <requests> <requests before, which are not counted>
"""

from __future__ import annotations

import importlib
import json
import re
import resource
import sys
import time
from collections.abc import Container
from pathlib import Path
from typing import Any

MILLI, MICRO = 1e6, 1e3
WARM_UP = 50
Numbers = dict[str, float]
Answer = dict[str, Any]


class Client:
    """Sends one request over and over; a change is made for the version that was seen last, as clients do it.

    Args:
        entry: where the handler is.
        case: the request, the expected answer, and the request that reads the version of what is changed.
    """

    def __init__(self, entry: str, case: dict[str, Any]) -> None:
        module, _, name = entry.partition(".")
        self._handler = getattr(importlib.import_module(module), name)
        self._case, self._event = case, case["event"]
        self._changes = case["first"] is not None

    def learn(self) -> None:
        """Ask for the version of what is changed."""
        if self._changes:
            self._event["headers"]["if-match"] = _tag(self._handler(self._case["first"], None))

    def send(self) -> Answer:
        """Send the request, and stop where it is refused: a fast error is no good time."""
        answer: Answer = self._handler(self._event, None)
        if answer["statusCode"] != 200:
            wrong(answer)
        if self._changes:
            self._event["headers"]["if-match"] = _tag(answer)
        return answer

    def check(self, answer: Answer) -> None:
        """Stop if an answer differs from the expected one; nothing is expected where answers are not compared."""
        expected = self._case["expected"]
        if expected is not None and seen(answer, self._case["ignored"]) != expected:
            wrong(answer)


def seen(answer: Answer, ignored: Container[str]) -> dict[str, Any]:
    """Return what an answer says, without what changes from one to the next."""
    return {name: value for name, value in json.loads(answer["body"]).items() if name not in ignored}


def wrong(answer: Answer) -> None:
    """Stop."""
    sys.exit(f"The answer is wrong: {answer}")


def _tag(answer: Answer) -> str:
    found = next((value for name, value in answer["headers"].items() if name.lower() == "etag"), None)
    return found or wrong(answer) or ""


def answer(entry: str, case: dict[str, Any]) -> dict[str, Any]:
    """Return what is answered, without comparing it to anything."""
    client = Client(entry, case)
    client.learn()
    return seen(client.send(), case["ignored"])


def cold(entry: str, case: dict[str, Any], began: int) -> Numbers:
    """Measure from the start of the process to the first answer."""
    entered, entered_cpu = time.monotonic_ns(), time.process_time_ns()
    client = Client(entry, case)
    imported, imported_cpu = time.monotonic_ns(), time.process_time_ns()
    first = client.send()
    answered, answered_cpu = time.monotonic_ns(), time.process_time_ns()
    peak = peak_mb()
    client.check(first)
    return {
        "cold_ms": (answered - began) / MILLI,
        "import_ms": (imported - entered) / MILLI,
        "first_ms": (answered - imported) / MILLI,
        "cold_cpu_ms": answered_cpu / MILLI,
        "import_and_get_cpu_ms": (answered_cpu - entered_cpu) / MILLI,
        "import_cpu_ms": (imported_cpu - entered_cpu) / MILLI,
        "first_cpu_ms": (answered_cpu - imported_cpu) / MILLI,
        "peak_mb": peak,
    }


def warm(entry: str, case: dict[str, Any], requests: int, warm_up: int) -> Numbers:
    """Measure one request among many."""
    client = Client(entry, case)
    client.learn()
    for _ in range(warm_up):
        client.check(client.send())
    began, began_cpu = time.monotonic_ns(), time.process_time_ns()
    for _ in range(requests):
        last = client.send()
    ended, ended_cpu = time.monotonic_ns(), time.process_time_ns()
    client.check(last)
    return {"cpu_us": (ended_cpu - began_cpu) / MICRO / requests, "us": (ended - began) / MICRO / requests}


def peak_mb() -> float:
    """Return the most memory that this process has held since it runs this program, in MB.

    getrusage counts what the process was before that too, a copy of the one that started it; Linux tells them apart.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))[0]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes on a Mac


def main(what: str, entry: str, request: str, *number: str) -> None:
    """Measure, and print."""
    case = json.loads(Path(request).read_text(encoding="utf-8"))
    print(json.dumps({"answer": answer, "cold": cold, "warm": warm}[what](entry, case, *map(int, number))))


if __name__ == "__main__":
    main(*sys.argv[1:])
