"""Run wrk against a server. Each client has one connection and sends a request after each response."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from bench.load.histogram import BUCKET_FACTOR, Responses
from bench.load.mix import RequestType, request_order, start_position
from tools.cli import CliError
from tools.local.child_server import DIE_WITH_PARENT

SCRIPT = Path(__file__).with_name("client.lua")
TIMEOUT_SECONDS = 30
"""A request without a response after this time counts as an error."""
ERRORS = ("connect", "read", "write", "timeout")
"""wrk's types of connection errors."""


def find_program() -> str:
    """Return the path of wrk.

    Raises:
        CliError: wrk is not installed.
    """
    path = shutil.which("wrk")
    if not path:
        raise CliError("wrk is not installed. On Debian and Ubuntu: apt-get install wrk; on macOS: brew install wrk.")
    return path


def run_clients(url: str, types: tuple[RequestType, ...], clients: int, seconds: int, folder: Path) -> Responses:
    """Load a server on this machine and return the responses.

    Args:
        url: the URL of the server.
        types: the request mix.
        clients: the number of clients.
        seconds: the duration.
        folder: the folder for the file with the plan.
    """
    plan = folder / "plan.lua"
    plan.write_text(_plan(url, types, clients), encoding="utf-8")
    wrapper = [sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid())]
    command = [find_program(), f"--threads={clients}", f"--connections={clients}", f"--duration={seconds}s",
               f"--timeout={TIMEOUT_SECONDS}s", f"--script={SCRIPT}", url, "--", str(plan)]  # fmt: skip
    process = subprocess.run(wrapper + command, capture_output=True, text=True, check=False)
    if process.returncode:
        raise CliError(f"wrk failed: {process.stderr.strip() or process.stdout.strip()}")
    return parse_output(process.stdout)


def parse_output(output: str) -> Responses:
    """Parse the output of the script."""
    responses = Responses()
    for line in output.splitlines():
        match line.split("\t"):
            case ["count", name, status, bucket, count]:
                responses.histogram[name, int(status), int(bucket)] += int(count)
            case ["unexpected", name, status, body]:
                responses.unexpected.append(f"{name}: {status} {body}")
            case ["error", error, count] if error in ERRORS and int(count):
                responses.failed[error] += int(count)
    return responses


def _plan(url: str, types: tuple[RequestType, ...], clients: int) -> str:
    """Return the request mix as a Lua table. A JSON string is also a valid Lua string."""
    entries = ",\n".join(
        f"{{name = {_quote(request_type.name)}, status = {request_type.status}, "
        f"text = {_quote(_http_text(url, request_type))}}}"
        for request_type in types
    )
    order = ", ".join(map(str, request_order(types)))
    first = ", ".join(str(start_position(client)) for client in range(clients))
    return (
        f"return {{\nbucket_factor = {BUCKET_FACTOR}, order = {{{order}}}, first = {{{first}}},\n"
        f"types = {{\n{entries}\n}}}}\n"
    )


def _http_text(url: str, request_type: RequestType) -> str:
    """Return the text of an HTTP request with its placeholders."""
    length = {"Content-Length": str(len(request_type.request(0, 0).body.encode()))} if request_type.body else {}
    headers = {"Host": urlsplit(url).netloc, "Accept": "*/*", **request_type.headers, **length}
    lines = [
        f"{request_type.method} {request_type.target} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    head = "\r\n".join(lines)
    return f"{head}\r\n\r\n{request_type.body}"


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
