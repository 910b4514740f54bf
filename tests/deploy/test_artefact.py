"""Test the unpacked, read-only package under the runtime client of Lambda, without other installed packages."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.context import utc_now
from tests.support.api_gateway import Gateway, GatewayResponse
from tests.support.app import PATCH
from tests.support.artefact import contents
from tests.support.deploy_fixtures import ROOT
from tests.support.engine_app import EngineApp
from tests.support.permission_requests import WORD, PreparedRequest, prepare
from tests.support.permissions import ROLES, TABLE
from tools.package.build import Package
from tools.runtime.sandbox import Execution, execution, unpack

JSON = {"content-type": "application/json"}
SWAGGER_UI = ROOT / "node_modules" / "swagger-ui-dist"
Headers = dict[str, str]


@pytest.fixture(scope="module")
def task(artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of the unpacked package, and check that no test changes it."""
    task = unpack(artefact, tmp_path_factory.mktemp("var") / "task")
    before = contents(task)
    yield task
    assert contents(task) == before


@pytest.fixture(scope="module")
def function(
    task: Path, engine_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Execution]:
    """Start the function once for all tests."""
    with execution(task, tmp_path_factory.mktemp("log") / "log", engine_environment) as function:
        yield function


@pytest.fixture(scope="module")
def gateway(function: Execution) -> Gateway:
    """Return an HTTP API in front of the function."""
    return Gateway(function.handler)


@pytest.fixture(scope="module")
def staff(engine_cafe: EngineApp) -> Headers:
    """Return the headers of a staff user."""
    return {"authorization": f"Bearer {engine_cafe.token('staff')}"}


def test_a_cat_can_be_created_and_read(gateway: Gateway, staff: Headers) -> None:
    created = gateway.send("PUT", "/cats/luna", staff | JSON, '{"status": "available", "description": "Zoë schläft."}')
    assert (created.status, created.json["name"]) == (201, "luna")
    response = gateway.get("/cats/luna")
    assert (response.status, response.is_base64, response.headers["Content-Type"]) == (200, False, "application/json")
    assert response.json["description"] == "Zoë schläft."
    head = gateway.send("HEAD", "/cats/luna")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", response.headers["ETag"])


def test_a_write_without_a_token_is_401(gateway: Gateway) -> None:
    response = gateway.send("PUT", "/cats/ada", JSON, "{}")
    assert (response.status, response.headers["Content-Type"]) == (401, "application/problem+json")
    assert gateway.get("/cats/ada").json["type"] == "/problems/not-found"


def test_browsers_get_html_pages(gateway: Gateway) -> None:
    for path in ("/", "/docs", "/login"):
        page = gateway.get(path, accept="text/html")
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert "</html>" in page.text


def test_a_gzip_response_has_the_content_of_the_file(gateway: Gateway) -> None:
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        response = gateway.get(f"/static/vendor/{name}", accept_encoding="gzip")
        assert (response.status, response.is_base64, response.headers["Content-Encoding"]) == (200, True, "gzip")
        assert gzip.decompress(response.body) == (SWAGGER_UI / name).read_bytes()


def test_login_with_a_password_creates_a_session(gateway: Gateway, engine_cafe: EngineApp) -> None:
    credentials = {"username": "owner", "password": engine_cafe.create_owner(WORD)}
    response = gateway.send("POST", "/sessions", JSON, json.dumps(credentials))
    assert (response.status, bool(response.json["token"])) == (201, True)


def test_every_request_is_logged(gateway: Gateway, function: Execution) -> None:
    gateway.get("/health")
    line = json.loads(function.log.splitlines()[-1])
    assert (line["path"], line["status"], line["level"]) == ("/health", 200, "INFO")


def test_one_cold_start_serves_all_requests_without_an_error(gateway: Gateway, function: Execution) -> None:
    gateway.get("/health")
    lines = [json.loads(line) for line in function.log.splitlines()]
    cold_starts = [line["coldStart"] for line in lines if line["message"] == "request"]
    assert cold_starts == [True] + [False] * (len(cold_starts) - 1)
    assert [line for line in lines if line["level"] != "INFO"] == []


def test_a_second_instance_reads_the_same_data(
    task: Path, engine_environment: dict[str, str], gateway: Gateway, staff: Headers, tmp_path: Path
) -> None:
    gateway.send("PUT", "/cats/pixel", staff | JSON, '{"status": "available"}')
    with execution(task, tmp_path / "log", engine_environment) as second:
        assert Gateway(second.handler).get("/cats/pixel").json["name"] == "pixel"
        assert json.loads(second.log.splitlines()[-1])["coldStart"] is True


def test_a_missing_cursor_key_stops_the_start_with_one_log_line(
    task: Path, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    del (incomplete := dict(engine_environment))["CURSOR_KEY"]
    with execution(task, tmp_path / "log", incomplete) as function:
        assert function.failure().kind == "exit"
        (line,) = function.log.splitlines()
        assert "CURSOR_KEY is not set." in line


def test_every_route_works_with_bytecode_only(
    artefact: Package, engine_environment: dict[str, str], engine_cafe: EngineApp, tmp_path: Path
) -> None:
    with execution(
        unpack(artefact, tmp_path / "task", without_source), tmp_path / "log", engine_environment
    ) as function:
        gateway = Gateway(function.handler)
        statuses = {}
        rows = {row: expected for row, expected in TABLE.items() if "/photos" not in row[1]}
        # Photos need a bucket: tests/rehearsal/test_photos.py has one.
        for row in rows:
            engine_cafe.clock.now = utc_now()  # that of the function, so that the history is in order
            statuses[row] = send(gateway, prepare(engine_cafe, "owner", row)).status
        assert statuses == {row: expected[ROLES.index("owner")] for row, expected in rows.items()}


def test_a_package_without_bytecode_fails(
    artefact: Package, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    task = unpack(
        artefact, tmp_path / "task", lambda *file: None if "__pycache__" in file[0] else without_source(*file)
    )
    with execution(task, tmp_path / "log", engine_environment) as function:
        assert "handler.py is compiled" in str(function.failure())


def without_source(name: str, content: bytes) -> bytes:
    """Replace a source file by one that raises an error, because compiling it would slow down a cold start."""
    return f"raise ImportError('{name} is compiled')".encode() if name.endswith(".py") else content


def send(gateway: Gateway, request: PreparedRequest) -> GatewayResponse:
    """Send a request of the permission matrix to the function."""
    method = request.row[0]
    headers = request.who.headers | JSON | (PATCH | {"If-Match": "*"} if method == "PATCH" else {})
    body = json.dumps(request.how["json"]) if "json" in request.how else None
    headers = {name.lower(): value for name, value in headers.items() if body is not None or name != "content-type"}
    return gateway.send(method, request.path, headers, body)


@pytest.mark.parametrize("missing", ["flask/json/", "six.pyc"])
def test_a_package_without_a_module_fails(
    artefact: Package, engine_environment: dict[str, str], tmp_path: Path, missing: str
) -> None:
    task = unpack(artefact, tmp_path / "task", lambda name, content: None if name.startswith(missing) else content)
    with execution(task, tmp_path / "log", engine_environment) as function:
        failure = function.failure()
        assert (failure.kind, failure.detail["errorType"]) == ("init error", "Runtime.ImportModuleError")


def test_the_function_gets_the_library_path_of_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "handler.py").write_text("import os\ndef handler(event, _): return dict(os.environ)\n")
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    with execution(tmp_path, tmp_path / "log", {}) as function:
        assert function.handler({})["LD_LIBRARY_PATH"] == str(tmp_path)
