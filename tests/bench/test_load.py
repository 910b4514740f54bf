"""make load works, and fails where it must: no number of a real run is asserted here, only that there is one."""

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

from bench.load import page, runs, runtimes, wrk
from bench.load.__main__ import number
from bench.load.mix import MIX, Kind, deck
from bench.load.result import Result
from bench.load.tally import Called, bucket, wait, wrong
from bench.load.watch import SAMPLES, Watch, growth
from tools.cli import CliError
from tools.local.data_dir import ROOT
from tools.runtime.sandbox import execution

ONE = (Kind("a cat", 100, "GET", "/cats/luna", 200),)
FLAT = [50.0] * SAMPLES
ENDS_WITHIN = 60.0


@pytest.fixture(autouse=True)
def program() -> None:
    """The program that makes the callers."""
    if not shutil.which("wrk") and not os.environ.get("CI"):
        pytest.skip("the callers of a server are wrk's; missing: wrk")


class Cat(BaseHTTPRequestHandler):
    """Answers with a cat, but for every tenth request, which fails."""

    protocol_version = "HTTP/1.1"
    numbers = count(1)

    def do_GET(self) -> None:
        self.send_response(500 if next(self.numbers) % 10 == 0 else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None: ...


class Mute(Cat):
    """Hangs up on whoever asks."""

    def do_GET(self) -> None:
        self.close_connection = True


@contextmanager
def served(handler: type[Cat]) -> Iterator[str]:
    """Serve on a free port, and return its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def result(called: Called, memory: dict[str, list[float]], kinds: tuple[Kind, ...] = ONE) -> Result:
    """What came of a run, as far as it is judged."""
    return Result("a run", 1, 1, kinds, called, memory, dict.fromkeys(memory, 1.0))


def function(task: Path, body: str) -> Path:
    """Make a package of a function that is not ours."""
    task.mkdir()
    (task / "handler.py").write_text(f"kept = []\ndef handler(event, context):\n    {body}\n", encoding="utf-8")
    return task


def test_a_short_run_of_each_fills_the_page() -> None:
    results = [runs.server(2), runs.functions(2, 1)]
    shown = page.text(results, 0.0)
    for one in results:
        assert one.answers > 0
        assert wrong(one.called.tally, one.kinds) == one.called.broken == Counter()
        assert all(spent > 0 for spent in one.cpu.values())
        assert all(min(held) > 1 for held in one.memory.values())
    assert page.tables(results).split("\n\n")[0] in shown
    assert all(kind.name in shown for kind in MIX)
    assert "$" not in shown
    assert str(ROOT) not in shown
    assert page.drawn(results).count("<polyline") == 2


@pytest.mark.parametrize(
    ("server", "faults"),
    [
        (Cat, ["times 500 for a cat.", "a cat: 500 {}"]),
        (Mute, ["requests had no answer (read).", "nobody was answered a cat."]),
    ],
)
def test_a_server_that_fails_sometimes_or_does_not_answer_is_caught(
    tmp_path: Path, server: type[BaseHTTPRequestHandler], faults: list[str]
) -> None:
    with served(server) as url:
        called = wrk.drive(url, ONE, 2, 1, tmp_path)
    told = " ".join(result(called, {}).faults())
    assert [fault for fault in faults if fault not in told] == []


def test_a_function_that_fails_sometimes_is_caught(tmp_path: Path) -> None:
    body = "kept.append(1); return {'statusCode': 500 if len(kept) % 10 == 0 else 200, 'body': '{}'}"
    with execution(function(tmp_path / "task", body), tmp_path / "log", {}) as started:
        called = runtimes.drive([started], ONE, 1)
    told = " ".join(result(called, {}).faults())
    assert "times 500 for a cat." in told
    assert "a cat: 500 {}" in told


def test_a_function_that_raises_ends_the_run(tmp_path: Path) -> None:
    with (
        execution(function(tmp_path / "task", "raise ValueError('no cat')"), tmp_path / "log", {}) as started,
        pytest.raises(CliError, match=r"A runtime failed.*no cat"),
    ):
        runtimes.drive([started], ONE, ENDS_WITHIN)


def test_a_function_that_leaks_is_caught_and_one_that_does_not_is_not(tmp_path: Path) -> None:
    grown = []
    for name, does in (("leaks", "kept.append(b'x' * 50_000)"), ("does not", "kept[:] = [b'x' * 50_000]")):
        task = function(tmp_path / f"{name}", f"{does}; return {{'statusCode': 200}}")
        with execution(task, tmp_path / f"{name}.log", {}) as started:
            started.handler({})
            with Watch({"runtime": started.process.pid}, 2) as watch:
                called = runtimes.drive([started], ONE, 2)
        grown.append(list(result(called, watch.memory).faults()))
    assert "the memory of runtime has grown by" in grown[0][0]
    assert grown[1] == []


@pytest.mark.parametrize(
    ("memory", "caught"),
    [
        (FLAT, False),
        ([20.0] * 40 + FLAT[40:], False),  # what is needed to warm up is no growth
        ([50.0 + 0.01 * n for n in range(SAMPLES)], False),  # 3 %
        ([50.0 + 0.05 * n for n in range(SAMPLES)], True),  # 14 %
        (FLAT[20:] + [60.0] * 20, True),
        ([*FLAT[1:], 90.0], False),  # one look is no growth
    ],
)
def test_memory_is_judged_by_its_third_tenth_and_its_last(memory: list[float], caught: bool) -> None:
    called = Called(Counter({("a cat", 200, 1): 1}))
    assert bool(list(result(called, {"server": memory}).faults())) == caught


def test_a_process_that_ends_before_its_time_is_named() -> None:
    process = subprocess.Popen(["sleep", "60"])
    watch = Watch({"server": process.pid}, 1).__enter__()
    process.kill()
    process.wait()
    with pytest.raises(CliError, match="The server has ended"):
        watch.__exit__(None, None, None)


def test_memory_that_was_hardly_looked_at_is_not_judged() -> None:
    with pytest.raises(CliError, match="too seldom"):
        growth([50.0] * 9)


def test_a_time_is_told_to_one_percent() -> None:
    tally = Counter({("a cat", 200, bucket(n / 1000)): 1 for n in range(1, 101)})
    assert wait(tally, 0.5) == pytest.approx(50, rel=0.01)
    assert wait(tally, 0.99, "a cat") == pytest.approx(99, rel=0.01)
    assert wait(tally, 1) == pytest.approx(100, rel=0.01)


def test_all_callers_ask_for_all_kinds_by_their_shares() -> None:
    assert Counter(deck(MIX)) == {place: kind.share for place, kind in enumerate(MIX)}
    assert len(deck(MIX)) == 100


def test_without_wrk_one_reads_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CliError, match="apt-get install wrk"):
        wrk.program()


@pytest.mark.parametrize("told", ["1", "ten", "-5", "1.5"])
def test_a_duration_that_is_none_is_named(told: str) -> None:
    with pytest.raises(CliError, match=f"DURATION={told} is no whole number from 2."):
        number({"DURATION": told}, "DURATION", 600, 2)


def test_ctrl_c_ends_everything_and_leaves_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bench.load"]
    told = os.environ | {"DURATION": "600", "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, cwd=ROOT, env=told, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + ENDS_WITHIN
    while not list(tmp_path.glob("*/plan.lua")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=ENDS_WITHIN)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
    assert mentioning(str(tmp_path)) == []


def mentioning(word: str) -> list[str]:
    """The command lines of all processes that mention a word."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = place.read_text(errors="replace").replace("\0", " ")
        except OSError:
            continue
        found += [line] if word in line else []
    return found
