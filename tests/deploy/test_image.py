"""Test the container images, built by buildah on a Debian base image and run as Lambda or Docker runs them."""

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

from tests.support.api_gateway import Gateway
from tests.support.artefact import contents
from tests.support.buildah import inspect
from tests.support.container_runner import Container, container, container_execution, running, wait_for_url
from tests.support.engine_app import EngineApp
from tools.package.build import Package, photo_package
from tools.package.target import host_target
from tools.runtime.sandbox import Execution

JSON = {"content-type": "application/json"}
EPOCH = "1970-01-01T00:00:00Z"
NO_FILES = bytes(1024)
"""The content of a layer without files: the end of a tar archive."""
Headers = dict[str, str]


@pytest.fixture(scope="module")
def lambda_container(image: str) -> Iterator[Container]:
    """Return a container of the image."""
    with container(image) as created:
        yield created


@pytest.fixture(scope="module")
def function(
    lambda_container: Container, engine_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Execution]:
    """Start the function once for all tests."""
    with container_execution(
        lambda_container.run_command, tmp_path_factory.mktemp("log") / "log", engine_environment
    ) as started:
        yield started


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
    response, head = gateway.get("/cats/luna"), gateway.send("HEAD", "/cats/luna")
    assert (response.status, response.json["description"]) == (200, "Zoë schläft.")
    assert (head.status, head.body, head.headers["ETag"]) == (200, b"", response.headers["ETag"])


def test_browsers_get_html_pages(gateway: Gateway) -> None:
    page = gateway.get("/docs", accept="text/html")
    assert (page.status, "</html>" in page.text) == (200, True)
    asset = gateway.get("/static/vendor/swagger-ui.css", accept_encoding="gzip")
    assert (asset.status, asset.headers["Content-Encoding"]) == (200, "gzip")


def test_errors_are_problem_documents(gateway: Gateway) -> None:
    assert gateway.send("PUT", "/cats/ada", JSON, "{}").json["status"] == 401
    assert gateway.get("/cats/missing").json["type"] == "/problems/not-found"


def test_the_user_of_the_image_cannot_change_its_files(lambda_container: Container, gateway: Gateway) -> None:
    assert gateway.get("/health").status == 200
    user = lambda_container.config["User"].partition(":")[0]
    assert subprocess.run(["pgrep", "--uid", user, "--full", "awslambdaric"], check=False).returncode == 0
    for path in (lambda_container.root / "var/task").rglob("*"):
        status = path.lstat()
        assert (status.st_uid, status.st_mode & 0o022, status.st_mode & 0o004) == (0, 0, 0o004), path


def test_the_function_works_with_a_read_only_file_system(
    lambda_container: Container, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    read_only = partial(lambda_container.run_read_only_command, tmp_path)
    with container_execution(read_only, tmp_path / "log", engine_environment) as started:
        assert Gateway(started.handler).get("/cats").status == 200
    for command, code in ((lambda_container.run_command, 0), (read_only, 1)):
        result = subprocess.run(command({}, "touch", "/var/tmp/file"), capture_output=True, check=False)
        assert result.returncode == code


def test_a_missing_cursor_key_stops_the_start(
    lambda_container: Container, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    with container_execution(
        lambda_container.run_command, tmp_path / "log", engine_environment | {"CURSOR_KEY": ""}
    ) as started:
        assert started.failure().kind == "exit"
        assert "CURSOR_KEY is not set." in started.log


def test_a_missing_handler_is_an_init_error(
    lambda_container: Container, engine_environment: dict[str, str], tmp_path: Path
) -> None:
    arguments = (*lambda_container.config["Entrypoint"], "nowhere.handler")
    with container_execution(lambda_container.run_command, tmp_path / "log", engine_environment, *arguments) as started:
        failure = started.failure()
        assert (failure.kind, failure.detail["errorType"]) == ("init error", "Runtime.ImportModuleError")


def test_the_image_has_the_same_files_as_the_package_of_the_photo_function(
    lambda_container: Container, artefact: Package
) -> None:
    with zipfile.ZipFile(artefact.path.with_name(photo_package(host_target()))) as archive:
        packaged = {name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()}
    assert different_files(contents(lambda_container.root / "var/task"), packaged) == []


def different_files(left: dict[str, str], right: dict[str, str]) -> list[str]:
    """Return the files that differ. Bytecode in both may differ between two releases of one Python version."""
    return sorted(name for name, _ in left.items() ^ right.items() if not name.endswith(".pyc") or name not in right)


def test_image_configuration_and_labels(image: str) -> None:
    config = inspect(image)["config"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", config["User"])
    assert (config["Entrypoint"], config["Cmd"]) == (["/lambda-entrypoint.sh"], ["handler.handler"])
    assert config["WorkingDir"] == "/var/task"
    assert {variable.partition("=")[0] for variable in config["Env"]} == {"PATH", "LD_LIBRARY_PATH"}, (
        "only the variables of the base image are set, so none is a secret"
    )
    labels = {name.removeprefix("org.opencontainers.image."): text for name, text in config["Labels"].items()}
    assert (labels["title"], labels["licenses"]) == ("Clowder", "Apache-2.0")


def test_the_image_has_the_files_of_its_base_and_no_files_of_the_build_machine(image: str, lambda_base: str) -> None:
    with container(lambda_base) as parent, container(image) as child:
        assert child.list_names() == parent.list_names()
        assert child.list_names("etc") == parent.list_names("etc")
        assert child.list_names("var") - parent.list_names("var") == {"task"}
        assert parent.list_names("etc") & {"hostname", "resolv.conf", "pip.conf", "uv"} == set()


def test_two_builds_have_the_same_layer_and_no_time(image: str, local_image: str) -> None:
    """The base images differ. The image of the function adds nothing to Lambda's base image but this layer."""
    function, local = inspect(image), inspect(local_image)
    assert function["rootfs"]["diff_ids"][-2] == local["rootfs"]["diff_ids"][-2]
    assert function["rootfs"]["diff_ids"][-1] == f"sha256:{hashlib.sha256(NO_FILES).hexdigest()}"
    assert {step["created"] for step in function["history"]} | {function["created"]} == {EPOCH}
    steps = [step["created_by"].removeprefix("/bin/sh -c #(nop) ").split()[0] for step in function["history"][2:]]
    assert steps == ["LABEL", "COPY", "WORKDIR", "USER", "COPY", "ENTRYPOINT", "CMD"]


def test_the_local_image_starts_with_an_external_dynamodb(
    local_image: str, engine_cafe: EngineApp, tmp_path: Path
) -> None:
    (tmp := tmp_path / "tmp").mkdir()
    tmp.chmod(0o1777)
    environment = {
        "DYNAMODB_URL": engine_cafe.url,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "DATA_DIR": "/tmp/data",
    }
    with container(local_image) as local_container:
        assert (local_container.root / "data").stat().st_uid == int(local_container.config["User"].partition(":")[0])
        with running(local_container.run_read_only_command(tmp, environment), tmp_path / "log") as process:
            url = wait_for_url(process, tmp_path / "log")
            with urllib.request.urlopen(f"{url}/cats/luna") as response:
                assert response.status == 200
            command = local_container.run_read_only_command(
                tmp, environment | {"ROLE": "staff"}, "python3", "-m", "tools.local.token"
            )
            token = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
            request = urllib.request.Request(f"{url}/todos/next", headers={"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request) as response:
                assert response.status == 200
