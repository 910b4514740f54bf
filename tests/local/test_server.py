"""``make run`` keeps all data across restarts and ``kill -9``, and reports a failed start in one line."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.support.dev_server import ROOT, LocalCafe, local_cafe, start

http = urllib3.PoolManager(retries=False, timeout=20)


def token(cafe: LocalCafe, role: str = "staff") -> str:
    """Return a token with the role, printed by ``make token``. It is the same in all tests of a server."""
    return _token(cafe.data, role)


@cache
def _token(data: Path, role: str) -> str:
    env = os.environ | {"DATA_DIR": str(data), "ROLE": role}
    command = [sys.executable, "-m", "tools.local.token"]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout.strip()


def call(
    cafe: LocalCafe, method: str, path: str, bearer: str | None = None, **options: Any
) -> urllib3.BaseHTTPResponse:
    """Send a request to the server."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    return http.request(method, cafe.url + path, headers=headers, **options)


def engine_pid(cafe: LocalCafe) -> int:
    return int(json.loads((cafe.data / "run.json").read_text())["engine_pid"])


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCafe]:
    """Return a running server with the sample data."""
    with local_cafe(tmp_path_factory.mktemp("cafe")) as cafe:
        yield cafe


def test_data_survives_a_kill_of_the_server_and_of_the_emulator_and_secrets_are_not_logged(tmp_path: Path) -> None:
    with local_cafe(tmp_path, LOG_LEVEL="DEBUG") as cafe:
        assert cafe.password
        owner, bearer = {"username": "owner", "password": cafe.password}, token(cafe)
        assert call(cafe, "POST", "/sessions", json=owner).status == 201
        cats = call(cafe, "GET", "/cats?limit=100", bearer).json()["items"]
        assert len(cats) >= 12
        assert len(call(cafe, "GET", "/cats?limit=100").json()["items"]) >= 12
        assert call(cafe, "GET", f"/cats?token={bearer}").status == 400
        assert call(cafe, "DELETE", "/cats/luna", bearer).status == 204
        assert call(cafe, "PUT", "/cats/survivor", bearer, json={"status": "resident"}).status == 201
        cafe.process.kill()
        output, _ = cafe.process.communicate(timeout=20)
    assert_no_secrets(output, cafe.password, bearer)
    with local_cafe(tmp_path) as cafe:
        assert cafe.password is None
        assert call(cafe, "POST", "/sessions", json=owner).status == 201
        assert call(cafe, "GET", "/cats/luna").status == 404
        assert call(cafe, "GET", "/cats/survivor", bearer).status == 200
        assert len(call(cafe, "GET", "/cats?limit=100", bearer).json()["items"]) == len(cats)
        assert call(cafe, "PUT", "/cats/second-survivor", bearer, json={"status": "resident"}).status == 201
        os.kill(engine_pid(cafe), signal.SIGKILL)
        output, _ = cafe.process.communicate(timeout=30)
        assert cafe.process.returncode == 1
        assert output.strip().splitlines()[-1].startswith("The DynamoDB emulator ended with status -9; see ")
        assert "Traceback" not in output
    with local_cafe(tmp_path) as cafe:
        assert call(cafe, "GET", "/cats/second-survivor").status == 200
        engine = engine_pid(cafe)
        cafe.process.send_signal(signal.SIGINT)  # Ctrl-C
        assert cafe.process.wait(timeout=20) == 0
        assert not is_alive(engine)
    for secret in ("owner.password", "cursor.key"):
        assert (tmp_path / secret).stat().st_mode & 0o077 == 0


def assert_no_secrets(log: str, *secrets: str) -> None:
    """Check that a log has the requests, and not the secrets in them."""
    assert "/sessions" in log
    assert "/cats/luna" in log
    assert [secret for secret in secrets if secret in log] == []


def test_sample_data_has_weight_alarms_and_a_bonded_pair(cafe: LocalCafe) -> None:
    staff = token(cafe)
    cats = call(cafe, "GET", "/cats?limit=100&fields=name,bondedWith", staff).json()["items"]
    assert any(cat["bondedWith"] for cat in cats)
    weights = [call(cafe, "GET", f"/cats/{cat['name']}/weights", staff).json() for cat in cats]
    alarms = {body["alarm"]["code"] for body in weights if body["alarm"]}
    assert alarms == {"kitten-gains-too-little", "adult-loses-too-much"}


def test_web_pages_cannot_reach_the_database(cafe: LocalCafe) -> None:
    (run_file,) = cafe.data.glob("run.json")
    assert run_file.stat().st_mode & 0o077 == 0
    database_url = json.loads(run_file.read_text())["dynamodb_url"]
    assert call(cafe, "GET", "/cats/luna", token(cafe)).status == 200  # make token uses the URL
    key = {"TableName": "clowder", "Key": {"pk": {"S": "users#owner"}, "sk": {"S": "record"}}}
    headers = {
        "X-Amz-Target": "DynamoDB_20120810.GetItem",
        "Content-Type": "application/x-amz-json-1.0",
        "Authorization": "AWS4-HMAC-SHA256 Credential=x/20261128/eu-west-1/dynamodb/aws4_request, "
        "SignedHeaders=host, Signature=0",
    }
    for method in ("POST", "OPTIONS", "GET", "PUT"):
        for origin in ("http://evil.example", "null", cafe.url):
            preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-amz-target"}
            response = http.request(method, database_url, json=key, headers=headers | preflight | {"Origin": origin})
            assert (response.status, response.data) == (403, b"")
            assert not any(name.lower().startswith("access-control-") for name in response.headers)
    assert listening_addresses(engine_pid(cafe)).isdisjoint({"127.0.0.1", "0.0.0.0", "::", "::1"})


def listening_addresses(pid: int) -> set[str]:
    """Return the IPv4 addresses on which a process listens (Linux)."""
    inodes = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]]
    listening = [row[1].split(":")[0] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes]
    return {socket.inet_ntoa(bytes.fromhex(address)[::-1]) for address in listening}


def start_error(data: Path, **environ: str) -> str:
    """Start a server that fails, and return its error message, which has one line."""
    process = start(data, **environ)
    output, _ = process.communicate(timeout=30)
    assert process.returncode not in (0, None)
    assert "Traceback" not in output
    assert len(output.strip().splitlines()) == 1
    return output


def test_port_in_use_is_a_one_line_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert port in start_error(tmp_path, PORT=port)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "70000"), ("HOST", "no.such.host.invalid"), ("SESSION_HOURS", "many")],
)
def test_invalid_setting_is_a_one_line_error(tmp_path: Path, name: str, value: str) -> None:
    assert name in start_error(tmp_path, **{name: value})


def test_unwritable_data_dir_is_a_one_line_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    assert str(tmp_path) in start_error(tmp_path / "file")


def test_second_first_owner_is_an_error(cafe: LocalCafe) -> None:
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
    env = os.environ | {"DYNAMODB_URL": running["dynamodb_url"], "AWS_REGION": running["region"]}
    result = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert result.returncode != 0
    assert "The first owner of clowder is owner." in result.stderr
