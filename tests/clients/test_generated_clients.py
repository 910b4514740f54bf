"""Generate clients from the OpenAPI document of a running server, check their types, and use them.

life.ts and life.py are the programs that use them. They are examples for readers too: they have no casts, and the
commands are those of the quick start.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.dev_server import ROOT, LocalCafe, local_cafe
from tests.support.documents import find_examples, read_section

pytestmark = pytest.mark.slow

CLIENTS = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools" / "clients" / "bin"
QUICKSTART = ROOT / "docs" / "quickstart.md"
CASTS = {
    "life.ts": r"\bas\b|\bany\b|\bunknown\b|@ts-|!\.|!\)|!;|<any>|\bsatisfies\b|eslint",
    "life.py": r"\bcast\b|\bAny\b|type: ignore|noqa|getattr|\bobject\b",
}


@pytest.fixture(scope="module")
def cafe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCafe]:
    """Start a server with sample data."""
    with local_cafe(tmp_path_factory.mktemp("clients") / "data") as server:
        yield server


def run(command: list[str], folder: Path, **environ: str) -> str:
    """Run a command that must succeed, and return its output."""
    environ = {"PATH": f"{TOOLS}:{os.environ['PATH']}", "npm_config_offline": "true"} | environ
    result = subprocess.run(
        command, cwd=folder, env=os.environ | environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}{result.stderr}"
    return result.stdout + result.stderr


def run_documented_commands(first_word: str, cafe: LocalCafe, folder: Path) -> str:
    """Run the commands of the quick start that begin with a word."""
    blocks = [example.code for example in find_examples(read_section(QUICKSTART, "## Typed clients"))]
    (commands,) = [block for block in blocks if block.startswith(f"{first_word} ")]
    return run(["bash", "-ec", commands.replace("http://127.0.0.1:5000", cafe.url)], folder)


def test_a_typescript_client_lives_the_life_of_a_cat(cafe: LocalCafe, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    shutil.copy(CLIENTS / "life.ts", tmp_path)
    run_documented_commands("npx", cafe, tmp_path)
    live = "import('./life.js').then((life) => life.live(...process.argv.slice(1)))"
    run(["node", "--eval", live, cafe.url, str(cafe.password)], tmp_path)


def test_a_python_client_lives_the_life_of_a_cat(cafe: LocalCafe, tmp_path: Path) -> None:
    output = run_documented_commands("openapi-python-client", cafe, tmp_path)
    # The generator reads neither pictures nor Atom. Everything else must become a part of the client.
    unread = {
        "GET /cats/{name}/portrait.svg",
        "GET /posts.atom",
        "GET /cats/{name}/photos/{id}/{width}.webp",
        "GET /pies/{pie}/photos/{id}/{width}.webp",
        "GET /posts/{id}/photos/{photo}/{width}.webp",
        "GET /site/photos/{id}/{width}.webp",
    }
    assert set(re.findall(r"WARNING parsing (\S+ \S+)", output)) == unread, output
    client = tmp_path / "clowder-client"
    python = TOOLS / "python"
    run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--follow-imports=silent",
         f"--python-executable={python}", f"--cache-dir={tmp_path}", str(CLIENTS / "life.py")],
        tmp_path,
        MYPYPATH=str(client),
    )  # fmt: skip
    modules = [".".join(path.relative_to(client).with_suffix("").parts) for path in client.rglob("*.py")]
    run([str(python), "-c", f"import {', '.join(sorted(modules))}"], tmp_path, PYTHONPATH=str(client))
    run([str(python), str(CLIENTS / "life.py"), cafe.url, str(cafe.password)], tmp_path, PYTHONPATH=str(client))


def test_the_programs_are_short_and_have_no_casts() -> None:
    programs = {name: (CLIENTS / name).read_text(encoding="utf-8") for name in CASTS}
    assert {name: len(code.splitlines()) for name, code in programs.items() if len(code.splitlines()) >= 100} == {}
    assert {name: found for name, code in programs.items() if (found := re.findall(CASTS[name], code))} == {}
    assert "const name: string = cat.name;" in programs["life.ts"]
