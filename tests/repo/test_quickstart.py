"""Run the examples of the quick start, and compare the responses."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support.dev_server import LocalCafe, local_cafe
from tests.support.documents import SEPARATOR, SHELLS, assert_response, find_examples, read_section, run_in_shell

pytestmark = pytest.mark.slow

QUICKSTART = Path(__file__).resolve().parents[2] / "docs" / "quickstart.md"


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCafe]:
    """Start a server with sample data, whose data folder is ``.data`` in the folder of the examples."""
    with local_cafe(tmp_path_factory.mktemp("quickstart") / ".data") as server:
        yield server


def run_shell_examples(heading: str, shell: str, cafe: LocalCafe) -> None:
    examples = [example for example in find_examples(read_section(QUICKSTART, heading)) if example.language == "sh"]
    script = f"printf '\\{ord(SEPARATOR):03o}'\n".join(example.code for example in examples)
    result = run_in_shell(shell, script.replace("http://127.0.0.1:5000", cafe.url), cafe.data.parent)
    assert result.returncode == 0, result.stderr
    for example, output in zip(examples, result.stdout.split(SEPARATOR), strict=True):
        assert_response(example.response or "", output)


def run_program(heading: str, language: str, program: list[str], cafe: LocalCafe) -> str:
    """Run the only program of a section, and return its output."""
    (example,) = [found for found in find_examples(read_section(QUICKSTART, heading)) if found.language == language]
    result = subprocess.run(
        [*program, example.code.replace("http://127.0.0.1:5000", cafe.url)],
        cwd=cafe.data.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_every_example_is_in_a_section_that_a_test_runs() -> None:
    tested = ["## curl", "## JavaScript", "## Python", "## Recipes", "## Typed clients"]
    run = [example for heading in tested for example in find_examples(read_section(QUICKSTART, heading))]
    examples = find_examples(QUICKSTART.read_text(encoding="utf-8"))
    assert [example.code for example in examples if example not in run] == ["make run\n"]
    languages = [example.language for example in find_examples(read_section(QUICKSTART, "## Recipes"))]
    assert languages == ["html", "python", "sh", "sh", "html"]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("heading", ["## curl", "### Record a weight from a phone"])
def test_every_curl_example_has_the_documented_response(cafe: LocalCafe, heading: str, shell: str) -> None:
    run_shell_examples(heading, shell, cafe)


def test_the_javascript_and_python_examples_print_the_documented_output(cafe: LocalCafe) -> None:
    (documented,) = [example.response for example in find_examples(read_section(QUICKSTART, "## JavaScript"))]
    assert run_program("## JavaScript", "js", ["node", "--input-type=module", "--eval"], cafe) == documented
    assert run_program("## Python", "python", [sys.executable, "-c"], cafe) == documented


def test_the_sync_recipe_follows_changes_and_deletions(cafe: LocalCafe) -> None:
    def sync() -> dict[str, dict[str, object]]:
        run_program("### Sync every minute", "python", [sys.executable, "-c"], cafe)
        cats: dict[str, dict[str, object]] = json.loads((cafe.data.parent / "cats.json").read_text())["cats"]
        return cats

    def public_cats() -> dict[str, dict[str, object]]:
        cats, url = {}, "/cats?limit=100"
        while url:
            page = requests.get(cafe.url + url, timeout=30).json()
            cats |= {cat["name"]: cat for cat in page["items"]}
            url = page.get("next")
        return cats

    def write(method: str, name: str, **cat: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        requests.request(method, f"{cafe.url}/cats/{name}", json=cat, headers=headers, timeout=30).raise_for_status()

    login = {"username": "owner", "password": cafe.password}
    token = requests.post(f"{cafe.url}/sessions", json=login, timeout=30).json()["token"]
    first = sync()
    assert first == public_cats()
    assert "sync-1" not in first
    for name in ("sync-1", "sync-2", "sync-3"):
        write("PUT", name, status="available")
    assert sync().keys() - first.keys() == {"sync-1", "sync-2", "sync-3"}
    write("PUT", "sync-1", status="available", description="A new text.")
    write("PUT", "sync-2", status="intake")
    write("DELETE", "sync-3")
    last = sync()
    assert last["sync-1"]["description"] == "A new text."
    assert last.keys() - first.keys() == {"sync-1"}
    assert last == public_cats()

    file = cafe.data.parent / "cats.json"
    file.write_text(json.dumps({"since": "2020-01-01T00:00:00Z", "cats": {"sync-3": {}}}))
    assert sync() == public_cats()
