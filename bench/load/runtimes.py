"""Lambda runtimes side by side, each with the packaged function and one caller, as Lambda has it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.load.cafe import Cafe
from bench.load.mix import Kind, deck, first
from bench.load.tally import Called, bucket
from tools.cli import CliError
from tools.local.data_dir import ROOT
from tools.package.build import build
from tools.package.target import host_target
from tools.runtime.runtime_api import FunctionError
from tools.runtime.sandbox import Execution, execution, unpack

RECORDED = ROOT / "tests" / "support" / "event.json"
BODY_SHOWN = 500


@contextmanager
def runtimes(cafe: Cafe, count: int, home: Path) -> Iterator[list[Execution]]:
    """Start as many runtimes of the packaged function as are asked for, on a café's table, and end them."""
    task = unpack(build(host_target(), home / "package"), home / "task")
    given = environment(cafe)
    with ExitStack() as started:
        made = [started.enter_context(execution(task, home / f"runtime-{n + 1}.log", given)) for n in range(count)]
        for one in made:
            # A cold start belongs to another measurement.
            _answer(one, {"source": "aws.events"})
        yield made


def environment(cafe: Cafe) -> dict[str, str]:
    """Return the environment of the deployed function, with the table and the key of a café that is open."""
    running = cafe.running
    return {
        "AWS_REGION": running.region, "TABLE_NAME": running.table_name, "DYNAMODB_URL": running.dynamodb_url,
        "CURSOR_KEY": cafe.folder.cursor_key.read_text(encoding="utf-8").strip(),
        "STAGE": "production", "STRIP_STAGE_PATH": "yes", "METRICS": "1",
    }  # fmt: skip


def drive(executions: list[Execution], kinds: tuple[Kind, ...], seconds: float) -> Called:
    """Give each runtime one event after the other, and return what was answered.

    A caller is a thread of this process, and so is its Runtime API: their CPU time is not the function's.
    """
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(len(executions)) as callers:
        told = [callers.submit(_call, one, kinds, number, until) for number, one in enumerate(executions)]
        try:
            parts = [one.result() for one in told]
        except BaseException:
            # Whoever waits for an answer is told of the end of the runtime, and so waits no longer.
            for one in executions:
                one.process.kill()
            raise
    return Called(sum((part.tally for part in parts), Counter()), [odd for part in parts for odd in part.odd])


def _call(execution: Execution, kinds: tuple[Kind, ...], caller: int, until: float) -> Called:
    called = Called()
    order, recorded = deck(kinds), json.loads(RECORDED.read_text(encoding="utf-8"))
    number = 0
    while time.monotonic() < until:
        kind = kinds[order[(first(caller) + number) % len(order)]]
        number += 1
        asked = event(recorded, kind.call(caller, number))
        began = time.monotonic()
        answer = _answer(execution, asked)
        status = answer["statusCode"]
        called.tally[kind.name, status, bucket(time.monotonic() - began)] += 1
        if status != kind.status and not called.odd:
            called.odd.append(f"{kind.name}: {status} {answer.get('body', '')[:BODY_SHOWN]}")
    return called


def _answer(execution: Execution, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        return execution.handler(asked)
    except FunctionError as error:
        raise CliError(f"A runtime failed ({error}); its log ends: {execution.log[-BODY_SHOWN:]}") from None


def event(recorded: dict[str, Any], call: Kind) -> dict[str, Any]:
    """Return a request as an HTTP API sends it, payload version 2.0.

    Args:
        recorded: an event that was recorded, for all that does not differ.
        call: the request.
    """
    path, _, query = call.target.partition("?")
    context = recorded["requestContext"]
    http = context["http"] | {"method": call.method, "path": path}
    headers = {name.lower(): value for name, value in call.headers.items()}
    length = {"content-length": str(len(call.body.encode()))} if call.body else {}
    body = {"body": call.body} if call.body else {}
    return recorded | body | {
        "rawPath": path, "rawQueryString": query, "headers": recorded["headers"] | headers | length,
        "requestContext": context | {"http": http},
    }  # fmt: skip
