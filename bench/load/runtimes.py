"""Lambda runtimes with the packaged function, each with one client."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.load.histogram import Responses, bucket
from bench.load.mix import RequestType, request_order, start_position
from bench.load.server import LocalServer
from tools.cli import CliError
from tools.local.data_dir import ROOT
from tools.package.build import build
from tools.package.target import host_target
from tools.runtime.runtime_api import FunctionError
from tools.runtime.sandbox import Execution, execution, unpack

RECORDED = ROOT / "tests" / "support" / "event.json"
MAX_TEXT = 500


@contextmanager
def start_runtimes(server: LocalServer, count: int, home: Path) -> Iterator[list[Execution]]:
    """Start runtimes of the packaged function on the table of a server. Stop them at the end."""
    task = unpack(build(host_target(), home / "package"), home / "task")
    variables = lambda_variables(server)
    with ExitStack() as stack:
        executions = [
            stack.enter_context(execution(task, home / f"runtime-{number}.log", variables))
            for number in range(1, count + 1)
        ]
        for runtime in executions:
            # Warm up: this test does not measure cold starts.
            _invoke(runtime, {"source": "aws.events"})
        yield executions


def lambda_variables(server: LocalServer) -> dict[str, str]:
    """Return the environment variables of the deployed function, with the table and the cursor key of a server."""
    run_info = server.run_info
    return {
        "AWS_REGION": run_info.region, "TABLE_NAME": run_info.table_name, "DYNAMODB_URL": run_info.dynamodb_url,
        "CURSOR_KEY": server.data_dir.cursor_key.read_text(encoding="utf-8").strip(),
        "STAGE": "production", "STRIP_STAGE_PATH": "yes", "METRICS": "1",
    }  # fmt: skip


def run_clients(executions: list[Execution], types: tuple[RequestType, ...], seconds: float) -> Responses:
    """Send events to each runtime, one after the other, and return the responses.

    A client and its Runtime API are threads of this process, so their CPU time does not count for the function.
    """
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(len(executions)) as pool:
        futures = [pool.submit(_run_client, runtime, types, number, until) for number, runtime in enumerate(executions)]
        try:
            parts = [future.result() for future in futures]
        except BaseException:
            # The end of a runtime also ends the client that waits for its response.
            for runtime in executions:
                runtime.process.kill()
            raise
    histogram = sum((part.histogram for part in parts), Counter())
    return Responses(histogram, [text for part in parts for text in part.unexpected])


def _run_client(runtime: Execution, types: tuple[RequestType, ...], client: int, until: float) -> Responses:
    responses = Responses()
    order, recorded = request_order(types), json.loads(RECORDED.read_text(encoding="utf-8"))
    number = 0
    while time.monotonic() < until:
        request_type = types[order[(start_position(client) + number) % len(order)]]
        number += 1
        event = make_event(recorded, request_type.request(client, number))
        start = time.monotonic()
        response = _invoke(runtime, event)
        status = response["statusCode"]
        responses.histogram[request_type.name, status, bucket(time.monotonic() - start)] += 1
        if status != request_type.status and not responses.unexpected:
            responses.unexpected.append(f"{request_type.name}: {status} {response.get('body', '')[:MAX_TEXT]}")
    return responses


def _invoke(runtime: Execution, event: dict[str, Any]) -> dict[str, Any]:
    try:
        return runtime.handler(event)
    except FunctionError as error:
        raise CliError(f"A runtime failed ({error}); the end of its log: {runtime.log[-MAX_TEXT:]}") from None


def make_event(recorded: dict[str, Any], request: RequestType) -> dict[str, Any]:
    """Return a request as an event of an HTTP API, payload version 2.0.

    Args:
        recorded: a recorded event, from which the other members are copied.
        request: the request.
    """
    path, _, query = request.target.partition("?")
    context = recorded["requestContext"]
    http = context["http"] | {"method": request.method, "path": path}
    headers = {name.lower(): value for name, value in request.headers.items()}
    length = {"content-length": str(len(request.body.encode()))} if request.body else {}
    body = {"body": request.body} if request.body else {}
    return recorded | body | {
        "rawPath": path, "rawQueryString": query, "headers": recorded["headers"] | headers | length,
        "requestContext": context | {"http": http},
    }  # fmt: skip
