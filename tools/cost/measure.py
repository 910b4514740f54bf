"""Measures what each kind of request takes: the function, called in this process, on the embedded engine."""

from __future__ import annotations

import io
import itertools
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Flask
from msgspec import Struct

from api.app import create_app
from api.http import request_log
from api.http.gateway import handle_event, register_text_types
from api.services.accounts import ensure_user, issue_token
from api.settings import Settings, read_settings
from api.store.client import open_table
from api.store.table import Table
from tools.cost.events import event, size
from tools.cost.mix import MIX, Request
from tools.engine import Engine
from tools.problem import Problem
from tools.seed import seed
from tools.tables import create_table

if TYPE_CHECKING:
    from botocore.model import OperationModel
    from mypy_boto3_dynamodb import DynamoDBClient

FILE = Path(__file__).with_name("measured.json")
ROOT = Path(__file__).resolve().parents[2]
TIMES, STARTS = 100, 5
WARM_UP = 20
READS = frozenset({"GetItem", "BatchGetItem", "Query"})
PASSWORD = "nine lives, one pie"  # noqa: S105 - of an owner who lives for a measurement
INVOCATION = SimpleNamespace(aws_request_id="00000000-0000-0000-0000-000000000000")


class Taken(Struct, frozen=True, kw_only=True):
    """What one request of a kind took."""

    cpu_ms: float
    calls: float
    """Calls to DynamoDB."""
    read: float
    written: float
    sent_bytes: float
    log_bytes: float


class Measured(Struct, frozen=True, kw_only=True):
    """What was measured, when, and on what."""

    date: str
    machine: str
    python: str
    load: float
    """The machine's load average at the start: what other programs do makes milliseconds longer."""
    init_cpu_ms: float
    """CPU time of a process that imports the handler."""
    requests: dict[str, Taken]


def measure(times: int = TIMES, starts: int = STARTS, warm_up: int = WARM_UP) -> Measured:
    """Measure all kinds of requests, and what a start takes."""
    load = os.getloadavg()[0]
    with _cafe() as (app, table, settings):
        meter, now = _Meter(table.client), datetime.now(UTC)
        ensure_user(table, "owner", "owner", PASSWORD, now)
        token = issue_token(table, "owner", now, timedelta(hours=1))
        taken = {request.name: _kind(app, meter, request, token, times, warm_up) for request in MIX}
        init = statistics.median(_start(settings) for _ in range(starts)) if starts else 0.0
    return Measured(
        date=datetime.now(UTC).date().isoformat(),
        machine=f"{_processor()}, {os.cpu_count()} cores",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        load=round(load, 1),
        init_cpu_ms=round(init, 1),
        requests=taken,
    )


def load() -> Measured:
    """Return what was measured last."""
    return msgspec.json.decode(FILE.read_bytes(), type=Measured)


def save(measured: Measured) -> None:
    """Keep what was measured."""
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(measured), indent=2) + b"\n")


class _Meter:
    """Counts what the calls to DynamoDB consume."""

    def __init__(self, client: DynamoDBClient) -> None:
        self.calls, self.read, self.written = 0, 0.0, 0.0
        client.meta.events.register("after-call.dynamodb", self._record)

    def _record(self, model: OperationModel, parsed: dict[str, Any], **_: object) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        units = sum(one["CapacityUnits"] for one in (consumed if isinstance(consumed, list) else [consumed]))
        self.calls += 1
        if model.name in READS:
            self.read += units
        else:
            self.written += units


@contextmanager
def _cafe() -> Iterator[tuple[Flask, Table, Settings]]:
    """Open the sample café on an engine of its own, with the log of a deployed one."""
    with TemporaryDirectory(prefix="clowder-cost-") as folder, Engine(Path(folder) / "cost.db") as engine:
        settings = read_settings({
            "TABLE_NAME": "clowder-cost", "CURSOR_KEY": "a key that signs nothing but a measurement",
            "DYNAMODB_URL": engine.url, "STAGE": "production", "METRICS": "1",
        })  # fmt: skip
        table = open_table(settings)
        create_table(table.client, table.name)
        seed(settings, table, datetime.now(UTC))
        register_text_types()
        yield create_app(settings, table), table, settings
        table.client.close()


def _kind(app: Flask, meter: _Meter, request: Request, token: str, times: int, warm_up: int) -> Taken:
    events = [event(request, token, PASSWORD, number) for number in range(warm_up + times)]
    took, sent = [], 0
    with _log() as log:
        for one in events[:warm_up]:
            _send(app, request, one)
        calls, read, written, before = meter.calls, meter.read, meter.written, log.tell()
        for one in events[warm_up:]:
            began = time.process_time()
            told = _send(app, request, one)
            took.append((time.process_time() - began) * 1000)
            sent += size(told)
        logged = log.tell() - before
    return Taken(
        cpu_ms=round(statistics.median(took), 2),
        calls=(meter.calls - calls) / times,
        read=(meter.read - read) / times,
        written=(meter.written - written) / times,
        sent_bytes=round(sent / times),
        log_bytes=round(logged / times),
    )


def _send(app: Flask, request: Request, one: dict[str, Any]) -> dict[str, Any]:
    told = handle_event(app, one, INVOCATION)
    if told.get("statusCode") != request.status:
        raise Problem(f"{request.name} cannot be measured: {told.get('body', told)}")
    return told


@contextmanager
def _log() -> Iterator[io.StringIO]:
    """Catch the lines of the log."""
    (handler,) = request_log.log.handlers
    caught = io.StringIO()
    before = handler.setStream(caught)  # type: ignore[attr-defined]
    yield caught
    handler.setStream(before)  # type: ignore[attr-defined]


def _start(settings: Settings) -> float:
    """Return the CPU time in ms of a fresh process that imports the handler."""
    environment = {"PATH": os.environ["PATH"], "TABLE_NAME": settings.table_name, "CURSOR_KEY": settings.cursor_key,
                   "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", "import handler"], cwd=ROOT, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def _processor() -> str:
    """Return what the processor is called."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(itertools.chain(names, [platform.machine()]))
