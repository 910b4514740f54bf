"""Test that a child server with an environment of its own gets the library path of this Python."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.local.child_server import ChildServer, free_port

PROGRAM = """
import http.server, os, sys
print(os.environ.get("LD_LIBRARY_PATH"), os.environ.get("OTHER"), os.environ.get("OWN"), flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


def test_a_child_with_an_environment_of_its_own_gets_the_library_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    monkeypatch.setenv("OTHER", "other")
    port, log = free_port(), tmp_path / "log"
    with ChildServer([sys.executable, "-c", PROGRAM, str(port)], port, log, {"OWN": "own"}):
        assert log.read_text().splitlines()[0] == f"{tmp_path} None own"
