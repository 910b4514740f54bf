"""Measure a handler and print the result as a line of JSON.

Run this script in a fresh process. Only the deployed files are on its path.

worker.py response <entry> <case.json>
worker.py cold <entry> <case.json> <start of the process in monotonic nanoseconds>
worker.py warm <entry> <case.json> <requests> <warm-up requests>
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
STAFF_NOTES = "Steals whipped cream."
"""The text in the body of a PUT that each request replaces."""
WARM_UP = 50
Numbers = dict[str, float]
Response = dict[str, Any]


class Client:
    """Send the same request repeatedly.

    Each PUT has other staff notes, because Clowder writes nothing if nothing changes, and it has the entity tag of the
    previous response in If-Match.

    Args:
        entry: the handler, in Lambda's notation.
        case: the test case that ``Handler.write_case`` wrote.
    """

    def __init__(self, entry: str, case: dict[str, Any]) -> None:
        module, _, name = entry.partition(".")
        self._handler = getattr(importlib.import_module(module), name)
        self._case, self._event = case, case["event"]
        self._sends_if_match = case["read_event"] is not None
        self._body = self._event.get("body")

    def fetch_version(self) -> None:
        """Read the current version of the cat that the request changes."""
        if self._sends_if_match:
            self._event["headers"]["if-match"] = _entity_tag(self._handler(self._case["read_event"], None))

    def send(self) -> Response:
        """Send the request and return the response. Exit if the status is not 200."""
        if self._body:
            self._event["body"] = self._body.replace(STAFF_NOTES, f"Note {time.monotonic_ns()}")
        response: Response = self._handler(self._event, None)
        if response["statusCode"] != 200:
            fail(response)
        if self._sends_if_match:
            self._event["headers"]["if-match"] = _entity_tag(response)
        return response

    def check(self, response: Response) -> None:
        """Exit if the body is not the expected one. Without an expected body, accept every body."""
        expected = self._case["expected"]
        if expected is not None and comparable_body(response, self._case["ignored"]) != expected:
            fail(response)


def comparable_body(response: Response, ignored: Container[str]) -> dict[str, Any]:
    """Return the body of a response without the ignored members."""
    return {name: value for name, value in json.loads(response["body"]).items() if name not in ignored}


def fail(response: Response) -> None:
    """Exit with a message that shows the response."""
    sys.exit(f"Unexpected response: {response}")


def _entity_tag(response: Response) -> str:
    tag = next((value for name, value in response["headers"].items() if name.lower() == "etag"), None)
    return tag or fail(response) or ""


def response(entry: str, case: dict[str, Any]) -> dict[str, Any]:
    """Return the comparable body of one response."""
    client = Client(entry, case)
    client.fetch_version()
    return comparable_body(client.send(), case["ignored"])


def cold(entry: str, case: dict[str, Any], process_start: int) -> Numbers:
    """Measure from the start of the process to the first response."""
    start, start_cpu = time.monotonic_ns(), time.process_time_ns()
    client = Client(entry, case)
    imported, imported_cpu = time.monotonic_ns(), time.process_time_ns()
    first = client.send()
    end, end_cpu = time.monotonic_ns(), time.process_time_ns()
    peak = peak_mb()
    client.check(first)
    return {
        "cold_ms": (end - process_start) / MILLI,
        "import_ms": (imported - start) / MILLI,
        "first_ms": (end - imported) / MILLI,
        "cold_cpu_ms": end_cpu / MILLI,
        "import_and_get_cpu_ms": (end_cpu - start_cpu) / MILLI,
        "import_cpu_ms": (imported_cpu - start_cpu) / MILLI,
        "first_cpu_ms": (end_cpu - imported_cpu) / MILLI,
        "peak_mb": peak,
    }


def warm(entry: str, case: dict[str, Any], requests: int, warm_up: int) -> Numbers:
    """Measure the mean time of a request."""
    client = Client(entry, case)
    client.fetch_version()
    for _ in range(warm_up):
        client.check(client.send())
    start, start_cpu = time.monotonic_ns(), time.process_time_ns()
    for _ in range(requests):
        last = client.send()
    end, end_cpu = time.monotonic_ns(), time.process_time_ns()
    client.check(last)
    return {"cpu_us": (end_cpu - start_cpu) / MICRO / requests, "us": (end - start) / MICRO / requests}


def peak_mb() -> float:
    """Return the peak memory of this process in MB.

    On Linux, getrusage includes the memory of the parent process before exec; VmHWM does not.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))[0]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # macOS reports bytes


def main(command: str, entry: str, case_file: str, *numbers: str) -> None:
    """Run a command and print its result."""
    case = json.loads(Path(case_file).read_text(encoding="utf-8"))
    commands = {"response": response, "cold": cold, "warm": warm}
    print(json.dumps(commands[command](entry, case, *map(int, numbers))))


if __name__ == "__main__":
    main(*sys.argv[1:])
