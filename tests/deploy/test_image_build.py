"""Test the inputs of an image build: the base image, the pip configuration of this machine, and the build context."""

from __future__ import annotations

import re
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.support.deploy_fixtures import ROOT
from tools.cli import CliError
from tools.image import __main__ as command
from tools.image.base import NAME
from tools.image.build import MOUNTED_CERTIFICATES, mounts
from tools.package.target import DEFAULT, MACHINES, Target, host_target

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def no_pip_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Remove the pip configuration and the certificates of this machine from the environment."""
    for name in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_FIND_LINKS", "BASE_IMAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


def test_without_pip_configuration_nothing_is_mounted(tmp_path: Path) -> None:
    assert mounts(tmp_path) == []


def test_the_certificate_bundle_is_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bundle := tmp_path / "bundle.crt").write_text("certificates")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert f"--volume={bundle}:{MOUNTED_CERTIFICATES}:ro" in mounts(tmp_path)
    assert read_pip_config(tmp_path) == {"cert": MOUNTED_CERTIFICATES}


def test_a_missing_certificate_bundle_is_not_mounted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "missing.crt"))
    assert mounts(tmp_path) == []


def test_a_package_index_is_passed_on_but_not_a_local_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.cafe.example/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "file:///opt/wheels https://more.cafe.example/simple")
    monkeypatch.setenv("PIP_TIMEOUT", "60")
    assert mounts(tmp_path) == [f"--volume={tmp_path / 'pip.conf'}:/etc/pip.conf:ro"]
    assert read_pip_config(tmp_path) == {
        "index-url": "https://packages.cafe.example/simple",
        "extra-index-url": "https://more.cafe.example/simple",
    }


def read_pip_config(folder: Path) -> dict[str, str]:
    """Return the global section of a pip.conf."""
    (parser := ConfigParser()).read(folder / "pip.conf")
    return dict(parser["global"])


def test_dockerfile_and_tool_have_the_same_default_base_image() -> None:
    defaults = re.findall(r"^ARG BASE_IMAGE=(.*)$", DOCKERFILE, re.M)
    assert defaults == [f"{command.LAMBDA_BASE}:{DEFAULT.version}"]


def test_the_local_base_image_has_one_architecture() -> None:
    other = next(iter(MACHINES.keys() - {host_target().architecture}))
    with pytest.raises(CliError, match=f"add ARCHITECTURE={host_target().architecture}"):
        command.choose_base(Target(DEFAULT.runtime, other), NAME)
    assert command.choose_base(Target(DEFAULT.runtime, other), "some/image:1") == "some/image:1"


@pytest.mark.parametrize("arguments", [("--runtime", "python2.7"), ("--architecture", "sparc")])
def test_an_unknown_target_stops_before_the_build(arguments: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["image", *arguments])
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CliError, match=f"The {arguments[0].strip('-')} {arguments[1]} is not supported"):
        command.main()


def test_a_missing_buildah_is_an_error_with_the_install_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["image"])
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CliError, match="apt install buildah"):
        command.main()


def test_final_image_stages_have_no_run_or_add_instruction() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.M)[1:]
    images = [stage for stage in stages if re.match(r"\S+ AS (task|local|lambda)\n", stage)]
    assert len(images) == 3
    assert [line for stage in images for line in stage.splitlines() if line.startswith(("RUN", "ADD"))] == []


def test_the_build_context_has_only_the_copied_files() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    sent = {line.removeprefix("!").split("/")[0] for line in lines if line.startswith("!")}
    copied = {word for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.M) for word in line.split()[:-1]}
    assert lines[0] == "*"
    assert sent == {word.split("/")[0] for word in copied}
