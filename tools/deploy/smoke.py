"""Request some URLs of a deployed stage and check the responses.

Usage: ``python -m tools.deploy.smoke URL [--version X] [--patience SECONDS]``
"""

from __future__ import annotations

import argparse
import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Any

from tools.cli import CliError, echo, run_main

SECONDS = 60.0
"""Default time limit. A new function or address needs some time until it is available everywhere."""
PAUSE_SECONDS = 0.5
REQUEST_SECONDS = 30.0
"""The gateway waits as long for the function."""
JSON, HTML, PROBLEM = "application/json", "text/html", "application/problem+json"


class SmokeFailed(CliError):
    """A check failed until the time limit."""


@dataclass(frozen=True)
class Response:
    """An HTTP response."""

    status: int
    headers: Message
    body: bytes

    @property
    def media(self) -> str:
        """The media type, without its parameters."""
        return self.headers.get_content_type()

    @property
    def json(self) -> Any:
        """The parsed JSON body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Check:
    """A GET request and its expected response."""

    path: str
    status: int
    media: str
    expectation: str
    """The expected content, for the error message."""
    predicate: Callable[[Response], bool] = lambda response: True


def checks(version: str | None) -> tuple[Check, ...]:
    """Return the checks; ``version`` is the version that must be live, or None for any."""

    def is_expected(response: Response) -> bool:
        return bool(response.json["version"] == (version or response.json["version"]))

    return (
        Check("/health", 200, JSON, f"version {version}" if version else "a version", is_expected),
        Check("/openapi.json", 200, JSON, "the OpenAPI document", lambda response: "/cats" in response.json["paths"]),
        Check("/cats?limit=1", 200, JSON, "a list of cats", lambda response: "items" in response.json),
        Check("/", 200, HTML, "an HTML page", lambda response: b"</html>" in response.body),
        Check("/nowhere", 404, PROBLEM, "the problem 404", lambda response: "requestId" in response.json),
        Check("/todos", 401, PROBLEM, "the problem 401", lambda response: "requestId" in response.json),
    )


def smoke(url: str, version: str | None = None, patience: float = SECONDS) -> None:
    """Run all checks, each until it passes.

    Args:
        url: the address of the API, without a trailing slash.
        version: the version that must be live; None accepts any.
        patience: the time limit in seconds; each check runs at least once.

    Raises:
        SmokeFailed: a check failed until the time limit.
    """
    deadline = time.monotonic() + patience
    for check in checks(version):
        while (problem := _problem(url, check)) is not None:
            if time.monotonic() + PAUSE_SECONDS > deadline:
                raise SmokeFailed(f"{check.path} did not return {check.expectation}: {problem}.")
            time.sleep(PAUSE_SECONDS)


def fetch(url: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None) -> Response:
    """Send a request and return the response, whatever its status.

    Raises:
        OSError, http.client.HTTPException: there was no response.
    """
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)  # noqa: S310 - an API's URL
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as response:  # noqa: S310
            return Response(response.status, response.headers, response.read())
    except urllib.error.HTTPError as error:
        with error:
            return Response(error.code, error.headers, error.read())


def _problem(url: str, check: Check) -> str | None:
    """Return why a check failed, without the content of the response, or None if it passed."""
    try:
        response = fetch(url + check.path, headers={"Accept": check.media})
    except (OSError, http.client.HTTPException) as error:
        return f"there was no response ({error})"
    if (response.status, response.media) != (check.status, check.media):
        return f"the response is {response.status} {response.media}, not {check.status} {check.media}"
    try:
        passed = check.predicate(response)
    except (ValueError, LookupError, TypeError):
        passed = False
    return None if passed else f"the response is {response.status}, but its content is wrong"


def main() -> None:
    """Test the API at an address."""
    parser = argparse.ArgumentParser(prog="python -m tools.deploy.smoke", description="Test a deployed API.")
    parser.add_argument("url", help="the address of the API")
    parser.add_argument("--version", help="the version that must be live")
    parser.add_argument("--patience", type=float, default=SECONDS, help="time limit in seconds; default: %(default)g")
    arguments = parser.parse_args()
    url = arguments.url.rstrip("/")
    smoke(url, arguments.version, arguments.patience)
    echo(f"The API at {url} works.")


if __name__ == "__main__":
    run_main(main)
