"""The path of a request through api/: the number of functions and files, and of role checks.

Functions are counted by ``sys.setprofile`` at the second request, without those that Python names, such as
``<lambda>``. The limits are goals of the design: a change that exceeds them needs a reason. A PUT and a POST of a cat
also check texts, microchips, the size of the transaction and the public version of the cat. The forms of pages share
two functions with them: the text of a body, and a creation that is made once.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.support.api_gateway import Gateway, GatewayResponse
from tests.support.deploy_fixtures import ROOT

API = str(ROOT / "api")
Send = Callable[[], GatewayResponse]
Calls = Counter[tuple[str, str]]
ROLE_CHECKS = ("Principal.may", "Principal.require")

names = count()


def requests(gateway: Gateway, staff: dict[str, str]) -> dict[str, Send]:
    """Return the measured requests by name. The table has the cats luna and milo."""
    headers = {**staff, "content-type": "application/json"}

    def send(method: str, path: str, **body: Any) -> GatewayResponse:
        more = {"if-match": "*"} if method == "PUT" else {}
        return gateway.send(method, path, headers | more, json.dumps({"status": "available"} | body))

    for name in ("luna", "milo"):
        assert gateway.send("PUT", f"/cats/{name}", headers, json.dumps({"status": "available"})).status == 201
    sexes = iter(["female", "male"] * 3)
    return {
        "GET": lambda: gateway.get("/cats/luna"),
        "PUT": lambda: send("PUT", "/cats/milo", sex=next(sexes)),
        "list": lambda: gateway.get("/cats?goodWith.children=yes&limit=3"),
        "POST": lambda: send("POST", "/cats", name=f"cat {next(names)}"),
    }


def record_calls(send: Send) -> Calls:
    """Return how often each function of api/ is called by the second request, by file and name."""
    assert send().status < 300
    calls: Calls = Counter()

    def profile(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(API) and not code.co_name.startswith("<"):
            calls[Path(code.co_filename).relative_to(ROOT).as_posix(), code.co_qualname] += 1

    sys.setprofile(profile)
    try:
        response = send()
    finally:
        sys.setprofile(None)
    assert response.status < 300, response.text
    return calls


@pytest.mark.parametrize(
    ("name", "functions", "files"), [("GET", 51, 23), ("PUT", 138, 39), ("list", 66, 23), ("POST", 146, 41)]
)
def test_request_path_is_short(gateway: Gateway, staff: dict[str, str], name: str, functions: int, files: int) -> None:
    calls = record_calls(requests(gateway, staff)[name])
    assert len(calls) <= functions, sorted(calls)
    assert len({file for file, _ in calls}) <= files, sorted({file for file, _ in calls})
    assert len(calls) > 30, "the profile records the functions of api/"


@pytest.mark.parametrize("name", ["GET", "PUT", "list", "POST"])
def test_role_is_checked_at_most_twice_in_a_request(gateway: Gateway, staff: dict[str, str], name: str) -> None:
    calls = record_calls(requests(gateway, staff)[name])
    checks = sum(number for (_, function), number in calls.items() if function in ROLE_CHECKS)
    # One check requires the role of the operation, and one decides what the caller may see.
    assert checks <= 2, calls
