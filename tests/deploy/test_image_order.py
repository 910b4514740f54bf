"""What goes into a build of the image: the base that is named, this machine's way to packages, and no more."""

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
def nothing_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No configuration of pip's but a test's own, and no certificates."""
    for name in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_FIND_LINKS", "BASE_IMAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")


def test_without_certificates_or_an_index_of_its_own_a_machine_lends_nothing(tmp_path: Path) -> None:
    assert mounts(tmp_path) == []


def test_what_a_machine_trusts_is_lent_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bundle := tmp_path / "bundle.crt").write_text("certificates")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert f"--volume={bundle}:{MOUNTED_CERTIFICATES}:ro" in mounts(tmp_path)
    assert config(tmp_path) == {"cert": MOUNTED_CERTIFICATES}


def test_a_bundle_that_is_not_there_is_not_lent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CERT", str(tmp_path / "gone.crt"))
    assert mounts(tmp_path) == []


def test_an_index_is_lent_but_no_folder_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.cafe.example/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "file:///opt/wheels https://more.cafe.example/simple")
    monkeypatch.setenv("PIP_TIMEOUT", "60")
    assert mounts(tmp_path) == [f"--volume={tmp_path / 'pip.conf'}:/etc/pip.conf:ro"]
    assert config(tmp_path) == {
        "index-url": "https://packages.cafe.example/simple",
        "extra-index-url": "https://more.cafe.example/simple",
    }


def config(folder: Path) -> dict[str, str]:
    (read := ConfigParser()).read(folder / "pip.conf")
    return dict(read["global"])


def test_lambdas_base_is_the_default_in_both_places() -> None:
    told = re.findall(r"^ARG BASE_IMAGE=(.*)$", DOCKERFILE, re.M)
    assert told == [f"{command.LAMBDA_BASE}:{DEFAULT.version}"]


def test_our_own_base_has_one_architecture() -> None:
    other = next(iter(MACHINES.keys() - {host_target().architecture}))
    with pytest.raises(CliError, match=f"add ARCHITECTURE={host_target().architecture}"):
        command.choose_base(Target(DEFAULT.runtime, other), NAME)
    assert command.choose_base(Target(DEFAULT.runtime, other), "some/image:1") == "some/image:1"


@pytest.mark.parametrize("words", [("--runtime", "python2.7"), ("--architecture", "sparc")])
def test_a_target_that_is_none_stops_before_anything_is_built(
    words: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["image", *words])
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CliError, match=f"The {words[0].strip('-')} {words[1]} is not supported"):
        command.main()


def test_without_buildah_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["image"])
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CliError, match="apt install buildah"):
        command.main()


def test_nothing_is_run_in_a_stage_that_becomes_an_image() -> None:
    stages = re.split(r"^FROM ", DOCKERFILE, flags=re.M)[1:]
    images = [stage for stage in stages if re.match(r"\S+ AS (task|local|lambda)\n", stage)]
    assert len(images) == 3
    assert [line for stage in images for line in stage.splitlines() if line.startswith(("RUN", "ADD"))] == []


def test_a_builder_is_sent_what_the_image_is_made_of_and_nothing_else() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] != "#"]
    sent = {line.removeprefix("!").split("/")[0] for line in lines if line.startswith("!")}
    copied = {word for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.M) for word in line.split()[:-1]}
    assert lines[0] == "*"
    assert sent == {word.split("/")[0] for word in copied}
