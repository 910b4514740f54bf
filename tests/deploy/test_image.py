"""The image as it is deployed: built here by buildah over a Debian of its own, and run as Lambda runs it."""

from __future__ import annotations

import hashlib
import re
import subprocess
import urllib.request
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from api import __version__
from tests.support.api_gateway import Gateway
from tests.support.artefact import contents
from tests.support.container_runner import Container, container, invoked, opened, running
from tests.support.engine_app import EngineApp
from tests.support.images import inspect
from tools.package.build import Package
from tools.runtime.sandbox import Execution

JSON = {"content-type": "application/json"}
EPOCH = "1970-01-01T00:00:00Z"
NO_FILES = bytes(1024)
"""A layer without files: the end of a tar archive."""
Headers = dict[str, str]


@pytest.fixture(scope="module")
def box(image: str) -> Iterator[Container]:
    """A container of the image."""
    with container(image) as made:
        yield made


@pytest.fixture(scope="module")
def function(
    box: Container, engine_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Execution]:
    """The function, started once."""
    with invoked(box.command, tmp_path_factory.mktemp("log") / "log", engine_environment) as started:
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
    answer, head = gateway.get("/cats/luna"), gateway.send("HEAD", "/cats/luna")
    assert (answer.status, answer.json["description"]) == (200, "Zoë schläft.")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])


def test_people_get_pages(gateway: Gateway) -> None:
    page = gateway.get("/docs", accept="text/html")
    assert (page.status, "</html>" in page.text) == (200, True)
    asset = gateway.get("/static/vendor/swagger-ui.css", accept_encoding="gzip")
    assert (asset.status, asset.headers["Content-Encoding"]) == (200, "gzip")


def test_an_error_is_a_problem(gateway: Gateway) -> None:
    assert gateway.send("PUT", "/cats/ada", JSON, "{}").json["status"] == 401
    assert gateway.get("/cats/nobody").json["type"] == "/problems/not-found"


def test_it_runs_as_nobody_who_could_change_it(box: Container, gateway: Gateway) -> None:
    assert gateway.get("/health").status == 200
    user = box.config["User"].partition(":")[0]
    assert subprocess.run(["pgrep", "--uid", user, "--full", "awslambdaric"], check=False).returncode == 0
    for path in (box.root / "var/task").rglob("*"):
        told = path.lstat()
        assert (told.st_uid, told.st_mode & 0o022, told.st_mode & 0o004) == (0, 0, 0o004), path


def test_it_runs_where_nothing_can_be_written(
    box: Container, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    read_only = partial(box.read_only, tmp_path)
    with invoked(read_only, tmp_path / "log", engine_environment) as started:
        assert Gateway(started.handler).get("/cats").status == 200
    for how, could in ((box.command, 0), (read_only, 1)):
        attempt_login = subprocess.run(how({}, "touch", "/var/tmp/there"), capture_output=True, check=False)
        assert attempt_login.returncode == could


def test_without_its_key_it_does_not_start_and_says_so(
    box: Container, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    with invoked(box.command, tmp_path / "log", engine_environment | {"CURSOR_KEY": ""}) as started:
        assert started.failure().kind == "exit"
        assert "CURSOR_KEY is not set." in started.log


def test_a_handler_that_is_not_there_is_an_init_error(
    box: Container, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    words = (*box.config["Entrypoint"], "nowhere.handler")
    with invoked(box.command, tmp_path / "log", engine_environment, *words) as started:
        failure = started.failure()
        assert (failure.kind, failure.detail["errorType"]) == ("init error", "Runtime.ImportModuleError")


def test_it_holds_what_the_package_holds(box: Container, artefact: Package) -> None:
    with zipfile.ZipFile(artefact.path) as archive:
        packed = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert different(contents(box.root / "var/task"), packed) == []


def different(some: dict[str, str], others: dict[str, str]) -> list[str]:
    """The files that differ; bytecode may, between two releases of one Python."""
    return sorted(name for name, _ in some.items() ^ others.items() if not name.endswith(".pyc") or name not in others)


def test_what_it_says_of_itself(image: str) -> None:
    said = inspect(image)["config"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", said["User"])
    assert (said["Entrypoint"], said["Cmd"]) == (["/lambda-entrypoint.sh"], ["handler.handler"])
    assert said["WorkingDir"] == "/var/task"
    assert [variable.partition("=")[0] for variable in said["Env"]] == ["PATH"], (
        "no variable is set, so none is a secret"
    )
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in said["Labels"].items()}
    assert (labels["title"], labels["version"], labels["licenses"]) == ("Clowder", __version__, "Apache-2.0")
    assert labels["source"]


def test_it_keeps_nothing_of_the_machine_that_built_it(image: str, base: str) -> None:
    steps = [step["created_by"].removeprefix("/bin/sh -c #(nop) ") for step in inspect(image)["history"][1:]]
    assert {step.split()[0] for step in steps} == {"ARG", "LABEL", "COPY", "WORKDIR", "USER", "ENTRYPOINT", "CMD"}
    with container(base) as under, container(image) as over:
        assert over.names() - under.names() == {"lambda-entrypoint.sh"}
        assert over.names("etc") == under.names("etc")
        assert over.names("var") - under.names("var") == {"runtime", "task"}
        assert under.names("etc") & {"hostname", "resolv.conf", "pip.conf"} == set()


def test_two_builds_from_nothing_are_the_same_but_for_what_is_run(image: str, local_image: str) -> None:
    one, other = inspect(image), inspect(local_image)
    of_base, of_function, over_it = one["rootfs"]["diff_ids"]
    assert other["rootfs"]["diff_ids"][:2] == [of_base, of_function]
    assert over_it == f"sha256:{hashlib.sha256(NO_FILES).hexdigest()}"
    *common, _, _ = one["history"]
    assert other["history"][: len(common)] == common
    assert {step["created"] for step in one["history"]} | {one["created"]} == {EPOCH}


def test_the_cafe_of_compose_opens_on_another_dynamodb(
    local_image: str, engine_cafe: EngineApp, tmp_path: Path
) -> None:
    (tmp := tmp_path / "tmp").mkdir()
    tmp.chmod(0o1777)
    given = {
        "DYNAMODB_URL": engine_cafe.url,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "DATA_DIR": "/tmp/data",
    }
    with container(local_image) as box:
        assert (box.root / "data").stat().st_uid == int(box.config["User"].partition(":")[0])
        with running(box.read_only(tmp, given), tmp_path / "log") as process:
            url = opened(process, tmp_path / "log")
            with urllib.request.urlopen(f"{url}/cats/luna") as answer:
                assert answer.status == 200
            asked = box.read_only(tmp, given | {"ROLE": "staff"}, "python3", "-m", "tools.local.token")
            token = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
            request = urllib.request.Request(f"{url}/todos/next", headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request) as answer:
                assert answer.status == 200
