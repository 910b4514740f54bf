"""The café of ``make run``: what it keeps through a kill -9 of either process, and what it says when it cannot open."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.support.dev_server import ROOT, LocalCafe, local_cafe, start

http = urllib3.PoolManager(retries=False, timeout=20)


def token(cafe: LocalCafe, role: str = "staff") -> str:
    told = os.environ | {"DATA_DIR": str(cafe.data), "ROLE": role}
    command = [sys.executable, "-m", "tools.local.token"]
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=True).stdout.strip()


def call(cafe: LocalCafe, method: str, path: str, bearer: str | None = None, **how: Any) -> urllib3.BaseHTTPResponse:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return http.request(method, cafe.url + path, headers=headers, **how)


def engine_pid(cafe: LocalCafe) -> int:
    return int(json.loads((cafe.data / "run.json").read_text())["engine_pid"])


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_first_start_has_an_owner_and_a_herd_and_a_second_keeps_them(tmp_path: Path) -> None:
    with local_cafe(tmp_path) as cafe:
        assert cafe.password
        credentials = {"username": "owner", "password": cafe.password}
        assert call(cafe, "POST", "/sessions", json=credentials).status == 201
        herd = call(cafe, "GET", "/cats?limit=100", token(cafe)).json()["items"]
        assert len(herd) >= 12
        assert len(call(cafe, "GET", "/cats?limit=100").json()["items"]) >= 12
        assert call(cafe, "DELETE", "/cats/luna", token(cafe)).status == 204
    with local_cafe(tmp_path) as cafe:
        assert cafe.password is None
        assert call(cafe, "POST", "/sessions", json=credentials).status == 201
        assert call(cafe, "GET", "/cats/luna").status == 404
        assert len(call(cafe, "GET", "/cats?limit=100", token(cafe)).json()["items"]) == len(herd) - 1


def test_the_sample_shows_alarms_and_a_bonded_pair(tmp_path: Path) -> None:
    with local_cafe(tmp_path) as cafe:
        staff = token(cafe)
        herd = call(cafe, "GET", "/cats?limit=100&fields=name,bondedWith", staff).json()["items"]
        assert any(cat["bondedWith"] for cat in herd)
        weights = [call(cafe, "GET", f"/cats/{cat['name']}/weights", staff).json() for cat in herd]
        alarms = {told["alarm"]["code"] for told in weights if told["alarm"]}
        assert alarms == {"kitten-gains-too-little", "adult-loses-too-much"}


def test_an_acknowledged_write_survives_a_kill_of_the_server_and_takes_no_engine_along(tmp_path: Path) -> None:
    with local_cafe(tmp_path) as cafe:
        assert call(cafe, "PUT", "/cats/survivor", token(cafe), json={"status": "resident"}).status == 201
        cafe.process.kill()
        cafe.process.wait(timeout=20)
    with local_cafe(tmp_path) as cafe:
        assert call(cafe, "GET", "/cats/survivor").status == 200


def test_server_ends_with_one_sentence_when_the_emulator_dies(tmp_path: Path) -> None:
    with local_cafe(tmp_path) as cafe:
        assert call(cafe, "PUT", "/cats/survivor", token(cafe), json={"status": "resident"}).status == 201
        os.kill(engine_pid(cafe), signal.SIGKILL)
        printed, _ = cafe.process.communicate(timeout=30)
        assert cafe.process.returncode == 1
        assert printed.strip().splitlines()[-1].startswith("The DynamoDB emulator ended with status -9; see ")
        assert "Traceback" not in printed
    with local_cafe(tmp_path) as cafe:
        assert call(cafe, "GET", "/cats/survivor").status == 200


def test_ctrl_c_ends_both_and_is_a_good_end(tmp_path: Path) -> None:
    with local_cafe(tmp_path) as cafe:
        engine = engine_pid(cafe)
        cafe.process.send_signal(signal.SIGINT)
        assert cafe.process.wait(timeout=20) == 0
        assert not is_alive(engine)


def refusal(data: Path, **environ: str) -> str:
    """Return the one sentence with which a café does not open."""
    process = start(data, **environ)
    printed, _ = process.communicate(timeout=30)
    assert process.returncode not in (0, None)
    assert "Traceback" not in printed
    assert len(printed.strip().splitlines()) == 1
    return printed


def test_a_port_in_use_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in refusal(tmp_path, PORT=port)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "70000"), ("HOST", "no.such.host.invalid"), ("SESSION_HOURS", "many")],
)
def test_a_wrong_setting_is_named_in_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    assert name in refusal(tmp_path, **{name: value})


def test_a_folder_that_cannot_be_written_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert str(tmp_path) in refusal(tmp_path / "file")


def test_no_secret_is_in_the_log_or_readable_by_others(tmp_path: Path) -> None:
    with local_cafe(tmp_path, LOG_LEVEL="DEBUG") as cafe:
        assert cafe.password
        bearer = token(cafe)
        call(cafe, "POST", "/sessions", json={"username": "owner", "password": cafe.password})
        call(cafe, "GET", f"/cats?token={bearer}")
        cafe.process.send_signal(signal.SIGINT)
        assert cafe.process.stdout is not None
        log = cafe.process.stdout.read()
    assert "/sessions" in log
    assert cafe.password not in log
    assert bearer not in log
    for secret in ("owner.password", "cursor.key"):
        assert (cafe.data / secret).stat().st_mode & 0o077 == 0


def test_a_table_gets_one_first_owner_and_no_other(tmp_path: Path) -> None:
    with local_cafe(tmp_path) as cafe:
        running = json.loads((cafe.data / "run.json").read_text())
        command = [
            sys.executable,
            "-m",
            "tools.ops.create_owner",
            "--table",
            running["table_name"],
            "--username",
            "second",
        ]
        told = os.environ | {"DYNAMODB_URL": running["dynamodb_url"], "AWS_REGION": running["region"]}
        done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True)
    assert done.returncode != 0
    assert "The first owner of clowder is owner." in done.stderr
