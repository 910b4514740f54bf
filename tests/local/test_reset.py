"""``make demo-reset``: the sample comes back, the accounts stay, and nothing but a café on this machine is touched."""

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
from tests.support.snapshot import people, read_all, without_timestamps

VISITOR = {"username": "visitor", "password": "warm pie, cold nose"}


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[LocalCafe]:
    with local_cafe(tmp_path) as cafe:
        yield cafe


def demo_reset(data: Path) -> subprocess.CompletedProcess[str]:
    command, told = [sys.executable, "-m", "tools.local.reset"], os.environ | {"DATA_DIR": str(data)}
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, timeout=120)


def refusal(data: Path) -> str:
    """Return the one sentence with which a reset ends that has changed nothing."""
    done = demo_reset(data)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def told_by(cafe: LocalCafe) -> dict[str, Any]:
    """Return all that a café tells, but for ids and instants."""
    staff, owner = token(cafe), token(cafe, "owner")
    told = read_all(lambda path: call(cafe, "GET", path, staff).json())
    return without_timestamps(told | {"people": people(lambda path: call(cafe, "GET", path, owner).json())})


def change_much(cafe: LocalCafe) -> None:
    """Delete, change and add something of each noun."""
    staff, owner = token(cafe), token(cafe, "owner")
    todo = call(cafe, "GET", "/todos/next", staff).json()["items"][0]["id"]
    done = [
        call(cafe, "DELETE", "/cats/luna", staff),
        call(cafe, "PUT", "/cats/tofu", staff, json={"status": "adopted"}),
        call(cafe, "PUT", "/cats/stranger", staff, json={"status": "resident", "bondedWith": ["biscuit"]}),
        call(cafe, "POST", "/cats/hazel/weights", staff, json={"grams": 4500}),
        call(cafe, "DELETE", "/pies/cherry", staff),
        call(cafe, "PUT", "/pies/apple", staff, json={"rate": 1}),
        call(cafe, "DELETE", "/posts/1", staff),
        call(cafe, "POST", "/posts", staff, json={"title": "Free pies", "body": "All of them."}),
        call(cafe, "POST", f"/todos/{todo}/done", staff),
        call(cafe, "POST", "/todos", staff, json={"title": "Eat all pies"}),
        call(cafe, "DELETE", "/users/amari", owner),
        call(cafe, "PUT", "/users/jun", owner, json={"role": "owner", "password": "not a sample's"}),
    ]
    assert {answer.status for answer in done} <= {200, 201, 204}


def test_what_was_changed_and_deleted_is_again_as_on_the_first_day(opened: LocalCafe) -> None:
    fresh = told_by(opened)
    change_much(opened)
    assert told_by(opened) != fresh
    done = demo_reset(opened.data)
    assert done.returncode == 0, done.stderr
    assert told_by(opened) == fresh
    assert call(opened, "POST", "/posts", token(opened), json={"title": "Next", "body": "!"}).json()["id"] == 6


def test_accounts_survive_with_their_passwords_and_sessions_and_the_samples_people_are_made_anew(
    opened: LocalCafe,
) -> None:
    owner = {"username": "owner", "password": opened.password}
    assert call(opened, "POST", "/users", json=VISITOR).status == 201
    visitor = call(opened, "POST", "/sessions", json=VISITOR).json()["token"]
    hijacked = {"role": "staff", "password": "not a sample's"}
    assert call(opened, "PUT", "/users/jun", token(opened, "owner"), json=hijacked).status == 200
    jun = call(opened, "POST", "/sessions", json={"username": "jun", "password": "not a sample's"}).json()["token"]
    assert demo_reset(opened.data).returncode == 0
    assert call(opened, "POST", "/sessions", json=owner).status == 201
    assert call(opened, "GET", "/users/visitor", visitor).status == 200
    assert call(opened, "POST", "/sessions", json=VISITOR).status == 201
    assert call(opened, "GET", "/users/jun", jun).status == 401
    credentials = {"username": "jun", "password": "not a sample's"}
    assert call(opened, "POST", "/sessions", json=credentials).status == 401


def test_without_an_open_cafe_nothing_happens(tmp_path: Path) -> None:
    assert "make run" in refusal(tmp_path)


def test_while_the_first_start_is_not_finished_nothing_happens(opened: LocalCafe) -> None:
    (opened.data / "first-start").write_text(f"{datetime.now(UTC).isoformat()} engine")
    assert "first start" in refusal(opened.data)


def test_of_two_at_once_the_second_does_nothing(opened: LocalCafe) -> None:
    with (opened.data / "reset.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "already" in refusal(opened.data)


@pytest.mark.parametrize(
    "url",
    [
        "https://dynamodb.eu-west-1.amazonaws.com",
        "http://10.0.0.7:8000",
        "http://localhost.example.org:8000",
        "http://127.0.0.1@example.org",
    ],
)
def test_a_database_that_is_not_on_this_machine_is_never_reset(tmp_path: Path, url: str) -> None:
    # Something that looks as a café does that is open: only what it says of its database is of interest.
    with subprocess.Popen([sys.executable, "-c", "input()", "tools.local"], stdin=subprocess.PIPE) as stand_in:
        running = {"pid": stand_in.pid, "url": "http://127.0.0.1:5000", "engine_pid": None}
        database = {"dynamodb_url": url, "table_name": "clowder-prod", "region": "eu-west-1"}
        (tmp_path / "run.json").write_text(json.dumps(running | database))
        assert "on this machine" in refusal(tmp_path)
        stand_in.communicate(b"\n")
