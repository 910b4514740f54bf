"""make load: both tests fill the report, and unexpected responses, errors and growing memory are detected."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from threading import Thread

import pytest

from bench.load import report, runs, runtimes, wrk
from bench.load.__main__ import read_integer
from bench.load.histogram import Responses, bucket, count_unexpected, latency_ms
from bench.load.mix import MIX, RequestType, request_order
from bench.load.process_monitor import SAMPLES, ProcessMonitor, memory_growth
from bench.load.result import LoadResult
from tools.cli import CliError
from tools.local.data_dir import ROOT
from tools.runtime.sandbox import execution

GET_ONLY = (RequestType("a cat", 100, "GET", "/cats/luna", 200),)
FLAT = [50.0] * SAMPLES
TIMEOUT = 60.0


@pytest.fixture(autouse=True)
def wrk_program() -> None:
    """Skip the tests on a machine without wrk."""
    if not shutil.which("wrk") and not os.environ.get("CI"):
        pytest.skip("wrk is not installed")


class SometimesFails(BaseHTTPRequestHandler):
    """Responds with an error to every tenth request."""

    protocol_version = "HTTP/1.1"
    numbers = count(1)

    def do_GET(self) -> None:
        self.send_response(500 if next(self.numbers) % 10 == 0 else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None: ...


class ClosesConnection(SometimesFails):
    """Closes the connection without a response."""

    def do_GET(self) -> None:
        self.close_connection = True


@contextmanager
def serve(handler: type[SometimesFails]) -> Iterator[str]:
    """Run a server on a free port, and yield its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def make_result(responses: Responses, memory: dict[str, list[float]]) -> LoadResult:
    return LoadResult("a test", 1, 1, GET_ONLY, responses, memory, dict.fromkeys(memory, 1.0))


def write_function(task: Path, statement: str) -> Path:
    """Write a Lambda function that executes a statement."""
    task.mkdir()
    code = f"data = []\ndef handler(event, context):\n    {statement}\n"
    (task / "handler.py").write_text(code, encoding="utf-8")
    return task


def test_short_runs_fill_the_report() -> None:
    results = [runs.load_server(2), runs.load_runtimes(2, 1)]
    page = report.render(results, 0.0)
    for result in results:
        assert result.total > 0
        assert count_unexpected(result.responses.histogram, result.types) == result.responses.failed == Counter()
        assert all(seconds > 0 for seconds in result.cpu.values())
        assert all(min(samples) > 1 for samples in result.memory.values())
    assert report.tables(results).split("\n\n")[0] in page
    assert all(request_type.name in page for request_type in MIX)
    assert "$" not in page
    assert str(ROOT) not in page
    assert report.memory_chart(results).count("<polyline") == 2


@pytest.mark.parametrize(
    ("server", "problems"),
    [
        (SometimesFails, ["times 500 for a cat.", "a cat: 500 {}"]),
        (ClosesConnection, ["requests had no response (read).", "there was no response to a cat."]),
    ],
)
def test_errors_of_a_server_are_detected(tmp_path: Path, server: type[SometimesFails], problems: list[str]) -> None:
    with serve(server) as url:
        responses = wrk.run_clients(url, GET_ONLY, 2, 1, tmp_path)
    text = " ".join(make_result(responses, {}).problems())
    assert [problem for problem in problems if problem not in text] == []


def test_error_responses_of_a_function_are_detected(tmp_path: Path) -> None:
    statement = "data.append(1); return {'statusCode': 500 if len(data) % 10 == 0 else 200, 'body': '{}'}"
    with execution(write_function(tmp_path / "task", statement), tmp_path / "log", {}) as runtime:
        responses = runtimes.run_clients([runtime], GET_ONLY, 1)
    text = " ".join(make_result(responses, {}).problems())
    assert "times 500 for a cat." in text
    assert "a cat: 500 {}" in text


def test_exception_in_a_function_stops_the_test(tmp_path: Path) -> None:
    task = write_function(tmp_path / "task", "raise ValueError('no cat')")
    with (
        execution(task, tmp_path / "log", {}) as runtime,
        pytest.raises(CliError, match=r"A runtime failed.*no cat"),
    ):
        runtimes.run_clients([runtime], GET_ONLY, TIMEOUT)


def test_memory_leak_of_a_function_is_detected(tmp_path: Path) -> None:
    problems = []
    for name, statement in (("leak", "data.append(b'x' * 50_000)"), ("no-leak", "data[:] = [b'x' * 50_000]")):
        task = write_function(tmp_path / name, f"{statement}; return {{'statusCode': 200}}")
        with execution(task, tmp_path / f"{name}.log", {}) as runtime:
            runtime.handler({})
            with ProcessMonitor({"runtime": runtime.process.pid}, 2) as monitor:
                responses = runtimes.run_clients([runtime], GET_ONLY, 2)
        problems.append(list(make_result(responses, monitor.memory).problems()))
    assert "the memory of runtime has grown by" in problems[0][0]
    assert problems[1] == []


@pytest.mark.parametrize(
    ("memory", "detected"),
    [
        (FLAT, False),
        ([20.0] * 40 + FLAT[40:], False),  # growth during the warm-up
        ([50.0 + 0.01 * n for n in range(SAMPLES)], False),  # 3 %
        ([50.0 + 0.05 * n for n in range(SAMPLES)], True),  # 14 %
        (FLAT[20:] + [60.0] * 20, True),
        ([*FLAT[1:], 90.0], False),  # a single sample
    ],
)
def test_memory_growth_compares_the_third_tenth_with_the_last(memory: list[float], detected: bool) -> None:
    responses = Responses(Counter({("a cat", 200, 1): 1}))
    assert bool(list(make_result(responses, {"server": memory}).problems())) == detected


def test_process_that_ends_during_the_test_is_an_error() -> None:
    process = subprocess.Popen(["sleep", "60"])
    monitor = ProcessMonitor({"server": process.pid}, 1).__enter__()
    process.kill()
    process.wait()
    with pytest.raises(CliError, match="The process server has ended"):
        monitor.__exit__(None, None, None)


def test_too_few_memory_samples_are_an_error() -> None:
    with pytest.raises(CliError, match="only 9 memory samples"):
        memory_growth([50.0] * 9)


def test_latencies_are_accurate_to_one_percent() -> None:
    histogram = Counter({("a cat", 200, bucket(n / 1000)): 1 for n in range(1, 101)})
    assert latency_ms(histogram, 0.5) == pytest.approx(50, rel=0.01)
    assert latency_ms(histogram, 0.99, "a cat") == pytest.approx(99, rel=0.01)
    assert latency_ms(histogram, 1) == pytest.approx(100, rel=0.01)


def test_request_order_has_the_percentages_of_the_mix() -> None:
    assert Counter(request_order(MIX)) == {index: request_type.percent for index, request_type in enumerate(MIX)}
    assert len(request_order(MIX)) == 100


def test_missing_wrk_is_an_error_with_install_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CliError, match="apt-get install wrk"):
        wrk.find_program()


@pytest.mark.parametrize("text", ["1", "ten", "-5", "1.5"])
def test_invalid_duration_is_an_error(text: str) -> None:
    with pytest.raises(CliError, match=f"DURATION must be an integer of at least 2, not {text}."):
        read_integer({"DURATION": text}, "DURATION", 600, 2)


def test_ctrl_c_stops_all_processes_and_removes_all_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.load"]
    variables = os.environ | {"DURATION": "600", "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=variables, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    deadline = time.monotonic() + TIMEOUT
    while not list(tmp_path.glob("*/plan.lua")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, output = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert "Traceback" not in output
    assert list(tmp_path.iterdir()) == []
    assert command_lines_with(str(tmp_path)) == []


def command_lines_with(text: str) -> list[str]:
    """Return the command lines of all processes that contain a text."""
    command_lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command_line = path.read_text(errors="replace").replace("\0", " ")
        except OSError:
            continue
        command_lines += [command_line] if text in command_line else []
    return command_lines
