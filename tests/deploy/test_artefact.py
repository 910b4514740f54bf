"""The package answers under Lambda's own runtime client, read-only, with nothing installed beside it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

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
VENDOR = ROOT / "api" / "web" / "static" / "vendor"
Headers = dict[str, str]


@pytest.fixture(scope="module")
def task(artefact: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The unpacked package, which is the same after all tests as before them."""
    task = unpack(artefact, tmp_path_factory.mktemp("var") / "task")
    before = contents(task)
    yield task
    assert contents(task) == before


@pytest.fixture(scope="module")
def function(
    task: Path, engine_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Execution]:
    """The function, started once."""
    with execution(task, tmp_path_factory.mktemp("log") / "log", engine_environment) as started:
        yield started


@pytest.fixture(scope="module")
def gateway(function: Execution) -> Gateway:
    """The HTTP API in front of the function."""
    return Gateway(function.handler)


@pytest.fixture(scope="module")
def staff(engine_cafe: EngineApp) -> Headers:
    """The headers of somebody of the staff."""
    return {"authorization": f"Bearer {engine_cafe.token('staff')}"}


def test_what_the_staff_puts_everybody_gets(gateway: Gateway, staff: Headers) -> None:
    made = gateway.send("PUT", "/cats/luna", staff | JSON, '{"status": "available", "description": "Zoë schläft."}')
    assert (made.status, made.json["name"]) == (201, "luna")
    answer = gateway.get("/cats/luna")
    assert (answer.status, answer.coded, answer.headers["Content-Type"]) == (200, False, "application/json")
    assert answer.json["description"] == "Zoë schläft."
    head = gateway.send("HEAD", "/cats/luna")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])


def test_who_has_no_token_puts_nothing(gateway: Gateway) -> None:
    answer = gateway.send("PUT", "/cats/ada", JSON, "{}")
    assert (answer.status, answer.headers["Content-Type"]) == (401, "application/problem+json")
    assert gateway.get("/cats/ada").json["type"] == "/problems/not-found"


def test_people_get_pages(gateway: Gateway) -> None:
    for path in ("/", "/docs", "/login"):
        page = gateway.get(path, accept="text/html")
        assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert "</html>" in page.text


def test_a_compressed_file_comes_byte_by_byte(gateway: Gateway) -> None:
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        answer = gateway.get(f"/static/vendor/{name}", accept_encoding="gzip")
        assert (answer.status, answer.coded, answer.headers["Content-Encoding"]) == (200, True, "gzip")
        assert gzip.decompress(answer.body) == (VENDOR / name).read_bytes()


def test_a_login_with_a_password_works(gateway: Gateway, engine_cafe: EngineApp) -> None:
    login = {"username": "owner", "password": engine_cafe.create_owner(WORD)}
    answer = gateway.send("POST", "/sessions", JSON, json.dumps(login))
    assert (answer.status, bool(answer.json["token"])) == (201, True)


def test_every_request_has_its_line_in_the_log(gateway: Gateway, function: Execution) -> None:
    gateway.get("/health")
    line = json.loads(function.log.splitlines()[-1])
    assert (line["path"], line["status"], line["level"]) == ("/health", 200, "INFO")


def test_one_function_made_all_of_these_answers(gateway: Gateway, function: Execution) -> None:
    gateway.get("/health")
    lines = [json.loads(line) for line in function.log.splitlines()]
    assert [line["coldStart"] for line in lines] == [True] + [False] * (len(lines) - 1)
    assert [line for line in lines if line["level"] != "INFO"] == []


def test_a_second_cold_start_finds_all_as_it_was(
    task: Path, engine_environment: dict[str, str], gateway: Gateway, staff: Headers, tmp_path: Path
) -> None:
    gateway.send("PUT", "/cats/pixel", staff | JSON, '{"status": "available"}')
    with execution(task, tmp_path / "log", engine_environment) as another:
        assert Gateway(another.handler).get("/cats/pixel").json["name"] == "pixel"
        assert json.loads(another.log.splitlines()[-1])["coldStart"] is True


def test_without_its_key_it_does_not_start_and_says_so_once(
    task: Path, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    del (incomplete := dict(engine_environment))["CURSOR_KEY"]
    with execution(task, tmp_path / "log", incomplete) as started:
        assert started.failure().kind == "exit"
        (line,) = started.log.splitlines()
        assert "CURSOR_KEY is not set." in line


def test_every_route_works_from_bytecode_alone(
    artefact: Package, engine_environment: dict[str, str], engine_cafe: EngineApp, tmp_path: Path
) -> None:
    with execution(unpack(artefact, tmp_path / "task", hollow), tmp_path / "log", engine_environment) as started:
        gateway = Gateway(started.handler)
        answers = {row: send(gateway, prepare(engine_cafe, "owner", row)).status for row in TABLE}
        assert answers == {row: statuses[ROLES.index("owner")] for row, statuses in TABLE.items()}


def test_a_package_without_bytecode_is_caught(
    artefact: Package, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    without = unpack(artefact, tmp_path / "task", lambda *file: None if "__pycache__" in file[0] else hollow(*file))
    with execution(without, tmp_path / "log", engine_environment) as started:
        assert "handler.py is compiled" in str(started.failure())


def hollow(name: str, content: bytes) -> bytes:
    """What a source is replaced by, to see that nobody reads it: it would have to be compiled at a cold start."""
    return f"raise ImportError('{name} is compiled')".encode() if name.endswith(".py") else content


def send(gateway: Gateway, ready: PreparedRequest) -> GatewayResponse:
    """Send a request of the table of permissions to the function."""
    verb = ready.row[0]
    headers = ready.who.headers | JSON | (PATCH | {"If-Match": "*"} if verb == "PATCH" else {})
    body = json.dumps(ready.how["json"]) if "json" in ready.how else None
    named = {name.lower(): value for name, value in headers.items() if body is not None or name != "content-type"}
    return gateway.send(verb, ready.path, named, body)


@pytest.mark.parametrize("missing", ["flask/json/", "six.pyc"])
def test_a_package_that_lacks_a_module_is_caught(
    artefact: Package, engine_environment: dict[str, str], tmp_path: Path, missing: str
) -> None:
    task = unpack(artefact, tmp_path / "task", lambda name, content: None if name.startswith(missing) else content)
    with execution(task, tmp_path / "log", engine_environment) as started:
        caught = started.failure()
        assert (caught.kind, caught.detail["errorType"]) == ("init error", "Runtime.ImportModuleError")
