"""Runs wrk against a server: so many callers on a connection each, each asking again as soon as it is answered."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from bench.load.mix import Kind, deck, first
from bench.load.tally import FINENESS, Called
from tools.cli import CliError
from tools.local.child_server import DIE_WITH_PARENT

SCRIPT = Path(__file__).with_name("caller.lua")
PATIENCE_SECONDS = 30
"""How long a caller waits for an answer; what takes longer counts as an error."""
ERRORS = ("connect", "read", "write", "timeout")
"""What can happen to a connection in place of an answer, as wrk tells it apart."""


def program() -> str:
    """Return where wrk is.

    Raises:
        CliError: it is not installed.
    """
    found = shutil.which("wrk")
    if not found:
        raise CliError("wrk is not installed. On Debian and Ubuntu: apt-get install wrk; on macOS: brew install wrk.")
    return found


def drive(url: str, kinds: tuple[Kind, ...], callers: int, seconds: int, folder: Path) -> Called:
    """Load a server on this machine, and return what was answered.

    Args:
        url: where it is.
        kinds: the mix.
        callers: how many.
        seconds: for how long.
        folder: takes the plan, which is written for wrk.
    """
    plan = folder / "plan.lua"
    plan.write_text(_plan(url, kinds, callers), encoding="utf-8")
    wrapper = [sys.executable, "-I", "-S", str(DIE_WITH_PARENT), str(os.getpid())]
    command = [program(), f"--threads={callers}", f"--connections={callers}", f"--duration={seconds}s",
               f"--timeout={PATIENCE_SECONDS}s", f"--script={SCRIPT}", url, "--", str(plan)]  # fmt: skip
    done = subprocess.run(wrapper + command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CliError(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    return read(done.stdout)


def read(printed: str) -> Called:
    """Return what the script has printed at its end."""
    called = Called()
    for line in printed.splitlines():
        match line.split("\t"):
            case ["tally", name, status, bucket, count]:
                called.tally[name, int(status), int(bucket)] += int(count)
            case ["odd", name, status, body]:
                called.odd.append(f"{name}: {status} {body}")
            case ["errors", what, count] if what in ERRORS and int(count):
                called.broken[what] += int(count)
    return called


def _plan(url: str, kinds: tuple[Kind, ...], callers: int) -> str:
    """Return the mix as a table of Lua, which takes a string of JSON for one of its own."""
    told = ",\n".join(
        f"{{name = {_quoted(kind.name)}, status = {kind.status}, text = {_quoted(_text(url, kind))}}}" for kind in kinds
    )
    places = ", ".join(map(str, deck(kinds)))
    firsts = ", ".join(str(first(caller)) for caller in range(callers))
    return f"return {{\nfineness = {FINENESS}, deck = {{{places}}}, first = {{{firsts}}},\nkinds = {{\n{told}\n}}}}\n"


def _text(url: str, kind: Kind) -> str:
    """Return a request as it goes over the wire, with its marks."""
    length = {"Content-Length": str(len(kind.call(0, 0).body.encode()))} if kind.body else {}
    headers = {"Host": urlsplit(url).netloc, "Accept": "*/*", **kind.headers, **length}
    head = "\r\n".join(
        [f"{kind.method} {kind.target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    )
    return f"{head}\r\n\r\n{kind.body}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
