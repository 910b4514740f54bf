"""``make demo-reset`` restores the sample data, keeps the accounts, and refuses anything but a local database."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.local.test_server import call, token
from tests.support.dev_server import ROOT, LocalCafe, local_cafe
from tests.support.snapshot import read_all, sample_users, without_timestamps
from tools.cli import CliError
from tools.local.reset import require_local

REGISTERED = {"username": "registered", "password": "warm pie, cold nose"}
HIJACKED = {"username": "jun", "password": "not a sample's"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCafe]:
    with local_cafe(tmp_path_factory.mktemp("cafe")) as server:
        yield server


def demo_reset(data: Path) -> subprocess.CompletedProcess[str]:
    command, env = [sys.executable, "-m", "tools.local.reset"], os.environ | {"DATA_DIR": str(data)}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def reset_error(data: Path) -> str:
    """Run a reset that fails, and return its error message, which has one line."""
    result = demo_reset(data)
    assert result.returncode == 1
    assert result.stdout == ""
    assert len(result.stderr.strip().splitlines()) == 1
    assert "Traceback" not in result.stderr
    return result.stderr


def snapshot(server: LocalCafe) -> dict[str, Any]:
    """Return all data of the server without ids and timestamps."""
    staff, owner = token(server), token(server, "owner")
    data = read_all(lambda path: call(server, "GET", path, staff).json())
    users = sample_users(lambda path: call(server, "GET", path, owner).json())
    return without_timestamps(data | {"users": users})


def change_data(server: LocalCafe) -> None:
    """Delete, update and create entities of each type."""
    staff, owner = token(server), token(server, "owner")
    todo = call(server, "GET", "/todos/next", staff).json()["items"][0]["id"]
    responses = [
        call(server, "DELETE", "/cats/luna", staff),
        call(server, "PUT", "/cats/tofu", staff, json={"status": "adopted"}),
        call(server, "PUT", "/cats/newcomer", staff, json={"status": "resident", "bondedWith": ["biscuit"]}),
        call(server, "POST", "/cats/hazel/weights", staff, json={"grams": 4500}),
        call(server, "DELETE", "/pies/cherry", staff),
        call(server, "PUT", "/pies/apple", staff, json={"rate": 1}),
        call(server, "DELETE", "/posts/1", staff),
        call(server, "POST", "/posts", staff, json={"title": "Free pies", "body": "All of them."}),
        call(server, "POST", f"/todos/{todo}/done", staff),
        call(server, "POST", "/todos", staff, json={"title": "Eat all pies"}),
        call(server, "DELETE", "/users/amari", owner),
        call(server, "PUT", "/users/jun", owner, json={"role": "owner", "password": HIJACKED["password"]}),
    ]
    assert {response.status for response in responses} <= {200, 201, 204}


def test_reset_restores_the_sample_data(server: LocalCafe) -> None:
    original = snapshot(server)
    change_data(server)
    assert snapshot(server) != original
    result = demo_reset(server.data)
    assert result.returncode == 0, result.stderr
    assert snapshot(server) == original
    assert call(server, "POST", "/posts", token(server), json={"title": "Next", "body": "!"}).json()["id"] == 6


def test_reset_keeps_accounts_and_sessions_and_recreates_the_sample_users(server: LocalCafe) -> None:
    owner = {"username": "owner", "password": server.password}
    assert call(server, "POST", "/users", json=REGISTERED).status == 201
    registered_token = call(server, "POST", "/sessions", json=REGISTERED).json()["token"]
    change = {"role": "staff", "password": HIJACKED["password"]}
    assert call(server, "PUT", "/users/jun", token(server, "owner"), json=change).status == 200
    hijacked_token = call(server, "POST", "/sessions", json=HIJACKED).json()["token"]
    assert demo_reset(server.data).returncode == 0
    assert call(server, "POST", "/sessions", json=owner).status == 201
    assert call(server, "GET", "/users/registered", registered_token).status == 200
    assert call(server, "POST", "/sessions", json=REGISTERED).status == 201
    assert call(server, "GET", "/users/jun", hijacked_token).status == 401
    assert call(server, "POST", "/sessions", json=HIJACKED).status == 401


def test_reset_without_a_running_server_is_an_error(tmp_path: Path) -> None:
    assert "make run" in reset_error(tmp_path)


def test_reset_during_the_first_start_is_an_error(server: LocalCafe) -> None:
    (mark := server.data / "first-start").write_text(f"{datetime.now(UTC).isoformat()} engine")
    try:
        assert "first start" in reset_error(server.data)
    finally:
        mark.unlink()


def test_second_concurrent_reset_is_an_error(server: LocalCafe) -> None:
    with (server.data / "reset.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "already" in reset_error(server.data)


def test_reset_of_a_remote_database_is_an_error(tmp_path: Path) -> None:
    # A process that looks like a running server; only the URL of its database matters.
    with subprocess.Popen([sys.executable, "-c", "input()", "tools.local"], stdin=subprocess.PIPE) as process:
        running = {"pid": process.pid, "url": "http://127.0.0.1:5000", "engine_pid": None}
        database = {"dynamodb_url": "http://localhost.example.org:8000", "table_name": "clowder", "region": "eu-west-1"}
        (tmp_path / "run.json").write_text(json.dumps(running | database))
        assert "on this machine" in reset_error(tmp_path)
        process.communicate(b"\n")
    for url in ("https://dynamodb.eu-west-1.amazonaws.com", "http://10.0.0.7:8000", "http://127.0.0.1@example.org"):
        with pytest.raises(CliError, match="on this machine"):
            require_local(url)
