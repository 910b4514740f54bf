"""Test that links, tables, paths and commands in the documents are correct."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from api.app import RESOURCES
from api.settings import Settings, variable_names
from tests.support.dev_server import LocalCafe, local_cafe
from tests.support.documents import SHELLS, run_in_shell

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
PATH = r"`((?:api|tests|tools|infra|bench|docs)/[\w./-]*|[\w-]+\.(?:py|yml|yaml))`"
"""A path in the text of a document."""
TOUR = README.split("## A tour")[1].split("\n## ")[0]
COMMANDS = "".join(re.findall(r"```sh\n(.*?)```", TOUR, re.S))
STATUSES = [200, 200, 201, 200, 204, 412, 200, 204]
"""The statuses of the requests of the tour, in their order."""
SHOW_STATUS = 'curl() { command curl -D /dev/stderr "$@"; }\n'
"""Makes curl print the status line and the headers of every response to standard error."""


@pytest.fixture
def cafe(tmp_path: Path) -> Iterator[LocalCafe]:
    """Start a local server with sample data and a new database."""
    with local_cafe(tmp_path / "data") as server:
        yield server


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_has_a_target(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("0*.md"))


def test_settings_page_has_every_setting_with_its_default() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| ([^|]+) \|", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.M
    )
    documented = {name: default.strip("` ") for name, default in rows}
    fields = {variable_names(field.name)[0]: field for field in msgspec.structs.fields(Settings)}
    assert documented.keys() == fields.keys()
    defaults = {name: field.default for name, field in fields.items()}
    # The page writes 12, not 12.0.
    shown = {name: f"{value:g}" if isinstance(value, int | float) else value for name, value in defaults.items()}
    expected = {name: default for name, default in shown.items() if default not in (msgspec.NODEFAULT, None, ())}
    assert {name: documented[name] for name in expected} == expected


def test_api_page_has_every_path_with_its_methods() -> None:
    text = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`/[^|]*) \| ([A-Z ]+) \|", text, re.M)
    documented = {path: set(methods.split()) for paths, methods in rows for path in re.findall(r"`([^`]+)`", paths)}
    assert documented == {cls.path: {method.upper() for method in cls.operations} for cls in RESOURCES}


def run_commands(cafe: LocalCafe, script: str, shell: str = "bash") -> subprocess.CompletedProcess[str]:
    """Run commands of a document in a shell; every command must succeed."""
    script = script.replace("http://127.0.0.1:5000", cafe.url).replace(
        "make -s token", f"{sys.executable} -m tools.local.token"
    )
    return run_in_shell(shell, SHOW_STATUS + script, ROOT, DATA_DIR=str(cafe.data))


def test_every_command_of_the_tour_works_twice_in_bash_and_zsh(cafe: LocalCafe) -> None:
    for shell in [shell for shell in SHELLS for _ in range(2)]:
        result = run_commands(cafe, COMMANDS, shell)
        assert result.returncode == 0, result.stderr
        assert [int(status) for status in re.findall(r"^HTTP/1.1 (\d+) ", result.stderr, re.M)] == STATUSES
        for expected in (
            '"status": "resident"',
            '"lostBecause": "',
            "201\n204\n{",
            '"type": "/problems/precondition-failed"',
            '"goodWith"',
            "}\n204\n",
        ):
            assert expected in result.stdout


def test_the_first_response_in_the_readme_is_current(cafe: LocalCafe) -> None:
    command, response = re.findall(r"```sh\n(curl .*?)```\n\n```json\n(.*?)```", README, re.S)[0]
    result = run_commands(cafe, command)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == response.strip()


def test_the_tour_can_be_pasted_into_bash_and_zsh() -> None:
    commands = COMMANDS.replace("\\\n", "").splitlines()
    assert 0 < len(commands) <= 10
    for command in commands:
        assert not command.startswith("#")
        assert "jq" not in command
        # Zsh expands ? and & in an unquoted URL, so $URL is always in double quotes.
        assert re.findall(r"\$URL", command) == re.findall(r'(?<=")\$URL(?=[^"\s]*")', command)


def test_the_readme_has_at_most_150_lines() -> None:
    assert len(README.splitlines()) <= 150


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_path_in_a_document_exists(document: str) -> None:
    paths = re.findall(PATH, (ROOT / document).read_text(encoding="utf-8"))
    # In the README, a row with a folder has file names without this folder.
    folders = ("", "api/http", "api/resources", "api/services", "api/store")
    new = re.findall(r"^## `([^`]+)`: new$", (ROOT / "docs" / "new-entity.md").read_text(encoding="utf-8"), re.M)
    missing = [path for path in paths if not any((ROOT / folder / path).exists() for folder in folders)]
    assert [path for path in missing if path not in new] == []


def test_every_command_that_make_run_prints_works(cafe: LocalCafe) -> None:
    lines = [line.strip() for line in cafe.welcome.splitlines() if re.match(r"  (curl|TOKEN=)", line)]
    assert len(lines) >= 5
    script = (
        "\n".join(lines)
        .replace("make -s token", f"{sys.executable} -m tools.local.token")
        .replace("curl ", "curl -sSf ")
    )
    result = subprocess.run(["bash", "-eu", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
