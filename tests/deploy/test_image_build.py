"""Test the Dockerfile: its default base image, its stages, and the build context."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.support.deploy_fixtures import ROOT
from tools.package.target import DEFAULT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_default_base_image_is_that_of_the_default_runtime() -> None:
    bases = re.findall(r"^ARG BASE_IMAGE=(.*)$", DOCKERFILE, re.M)
    assert bases == [f"public.ecr.aws/lambda/python:{DEFAULT.version}"]


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


def test_an_unknown_architecture_stops_the_build_with_one_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tools.image.contents", "riscv64", str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    message = "The architecture riscv64 is not supported: use arm64 or x86_64.\n"
    assert (result.returncode, result.stderr) == (1, message)
