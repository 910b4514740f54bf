"""Requests some URLs of a deployed stage and checks the responses.

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
"""How long the test may try: a new address or a new function takes a moment until it is everywhere."""
PAUSE_SECONDS = 0.5
REQUEST_SECONDS = 30.0
"""As long as the gateway waits for the function."""
JSON, HTML, PROBLEM = "application/json", "text/html", "application/problem+json"


class SmokeFailed(CliError):
    """The café does not answer as it should, and has not for all the time that there was."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: bytes

    @property
    def media(self) -> str:
        """The media type, without its parameters."""
        return self.headers.get_content_type()

    @property
    def json(self) -> Any:
        """The body, if it is JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Check:
    """A request, and what makes an answer to it a good one."""

    path: str
    status: int
    media: str
    expectation: str
    """What a good response shows, for the error message."""
    predicate: Callable[[Answer], bool] = lambda answer: True


def checks(version: str | None) -> tuple[Check, ...]:
    """Return what is asked of a café, of a certain version if that is known."""
    alive = f"that version {version} is alive" if version else "that it is alive"

    def is_it(answer: Answer) -> bool:
        told = answer.json["version"]
        return bool(told == (version or told))

    return (
        Check("/health", 200, JSON, alive, is_it),
        Check("/openapi.json", 200, JSON, "how it is used", lambda answer: "/cats" in answer.json["paths"]),
        Check("/cats?limit=1", 200, JSON, "the cats of the table", lambda answer: "items" in answer.json),
        Check("/", 200, HTML, "a page", lambda answer: b"</html>" in answer.body),
        Check("/nowhere", 404, PROBLEM, "that nothing is there", lambda answer: "requestId" in answer.json),
        Check("/todos", 401, PROBLEM, "that the staff's is closed", lambda answer: "requestId" in answer.json),
    )


def smoke(url: str, version: str | None = None, patience: float = SECONDS) -> None:
    """Run all checks, each until it passes.

    Args:
        url: where the API is, without a slash at its end.
        version: which version must be there, if that is known.
        patience: for how many seconds a wrong answer is asked for again; each question is asked at least once.

    Raises:
        SmokeFailed: says which answer was not as it should be, and what it was.
    """
    deadline = time.monotonic() + patience
    for question in checks(version):
        while (failure := _failure(url, question)) is not None:
            if time.monotonic() + PAUSE_SECONDS > deadline:
                raise SmokeFailed(f"{question.path} does not show {question.expectation}: {failure}.")
            time.sleep(PAUSE_SECONDS)


def fetch(url: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    """Send one request and return the answer, whatever its status.

    Raises:
        OSError, http.client.HTTPException: there is none.
    """
    request = urllib.request.Request(url, data=body, headers=headers or {}, method=method)  # noqa: S310 - the café's
    try:
        with urllib.request.urlopen(request, timeout=REQUEST_SECONDS) as answer:  # noqa: S310
            return Answer(answer.status, answer.headers, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def _failure(url: str, question: Check) -> str | None:
    """Return what is wrong with the answer, or None. Its content is not part of the message."""
    try:
        answer = fetch(url + question.path, headers={"Accept": question.media})
    except (OSError, http.client.HTTPException) as error:
        return f"there is no answer ({error})"
    if (answer.status, answer.media) != (question.status, question.media):
        return f"the answer is {answer.status} {answer.media}, not {question.status} {question.media}"
    try:
        good = question.predicate(answer)
    except (ValueError, LookupError, TypeError):
        good = False
    return None if good else f"the answer is {answer.status}, but its content is wrong"


def main() -> None:
    """Ask the café at an address."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.deploy.smoke", description="Says whether a deployed café works."
    )
    parser.add_argument("url", help="its address")
    parser.add_argument("--version", help="the version that must be there")
    parser.add_argument("--patience", type=float, default=SECONDS, help="seconds that it may take; %(default)g")
    told = parser.parse_args()
    url = told.url.rstrip("/")
    smoke(url, told.version, told.patience)
    echo(f"The café at {url} works.")


if __name__ == "__main__":
    run_main(main)
