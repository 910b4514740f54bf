"""What the documents say is true: their links, their tables, and every command of the tour."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from api import __version__
from api.app import RESOURCES
from api.settings import Settings, variable_names
from tests.local import LocalCafe, local_cafe

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TOUR = [200, 304, 201, 201, 201, 200, 412, 200, 201, 201, 200, 401, 201]
"""The statuses of the calls of the tour that show one, in their order."""


@pytest.fixture
def cafe(tmp_path: Path) -> Iterator[LocalCafe]:
    """A café as a newcomer opens it."""
    with local_cafe(tmp_path / "data") as opened:
        yield opened


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("0*.md"))


def test_the_page_of_settings_has_every_setting_with_its_default() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| ([^|]+) \|", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.M
    )
    told = {name: default.strip("` ") for name, default in rows}
    fields = {variable_names(field.name)[0]: field for field in msgspec.structs.fields(Settings)}
    assert told.keys() == fields.keys()
    defaults = {name: field.default for name, field in fields.items()}
    # A number stands there as people write it: 12, and not 12.0.
    shown = {name: f"{value:g}" if isinstance(value, int | float) else value for name, value in defaults.items()}
    said = {name: default for name, default in shown.items() if default not in (msgspec.NODEFAULT, None, ())}
    assert {name: told[name] for name in said} == said


def test_the_page_of_the_api_has_every_path_and_its_methods() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`/[^|]*) \| ([A-Z ]+) \|", text, re.M)
    told = {path: set(methods.split()) for paths, methods in rows for path in re.findall(r"`([^`]+)`", paths)}
    assert told == {cls.path: {method.upper() for method in cls.operations} for cls in RESOURCES}


def test_there_is_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    newest = re.findall(r"^## \[(\d[^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)[0]
    assert project == newest == __version__


def test_every_command_of_the_tour_works_as_it_stands(cafe: LocalCafe) -> None:
    tour = (ROOT / "README.md").read_text(encoding="utf-8").split("## A tour")[1].split("\n## ")[0]
    script = "\n".join(re.findall(r"```sh\n(.*?)```", tour, re.S))
    script = script.replace("http://127.0.0.1:5000", cafe.url).replace(
        "make -s token", f"{sys.executable} -m tools.token"
    )
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=ROOT,
        env=os.environ | {"DATA_DIR": str(cafe.data)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert [int(status) for status in re.findall(r"HTTP/1.1 (\d+) ", done.stdout)] == TOUR
    assert '"status":500' not in done.stdout
    for told in (
        '"bondedWith":["waffle"]',
        "cherry, steak & kidney, fisherman's",
        "<feed ",
        '"lostBecause":"',
        '"next":"',
    ):
        assert told in done.stdout


def test_every_line_that_a_new_cafe_prints_to_try_works(cafe: LocalCafe) -> None:
    lines = [line.strip() for line in cafe.welcome.splitlines() if re.match(r"  (curl|TOKEN=)", line)]
    assert len(lines) >= 5
    script = (
        "\n".join(lines).replace("make -s token", f"{sys.executable} -m tools.token").replace("curl ", "curl -sSf ")
    )
    done = subprocess.run(["bash", "-eu", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
