"""The worked examples of CONTRIBUTING.md and docs/new-entity.md have complete lists of files and working code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
NEW_ENTITY = (ROOT / "docs" / "new-entity.md").read_text("utf-8")
COPIED = ("api", "bench", "handler.py", "infra", "pyproject.toml", "tests", "tools")
CONTRACT_TESTS = (
    "test_fields.py", "test_keys.py", "test_methods.py", "test_openapi.py", "test_openapi_schemas.py",
    "test_permissions.py",
)  # fmt: skip

EXAMPLE_TESTS = (
    "tests/api/contract/test_openapi_schemas.py::test_every_body_has_a_valid_example",
    "tests/api/contract/test_openapi_schemas.py::"
    "test_examples_of_responses_are_those_of_the_server_to_the_examples_of_requests",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of the sources."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "vendor", "docs")
            shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(copy: Path, *arguments: str) -> str:
    """Run Python in the copy and return its output."""
    done = subprocess.run([sys.executable, *arguments], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def steps(title: str) -> list[str]:
    """Return the numbered steps of an example in CONTRIBUTING.md."""
    section = CONTRIBUTING.partition(f"## Example: {title}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\d+\. (.*?)(?=^\d+\. |^\n|\Z)", section, re.M | re.S)


def sections() -> list[tuple[str, str, str]]:
    """Return the path, the kind and the text of each section of docs/new-entity.md."""
    return re.findall(r"^## `([^`]+)`(?:: (\w+))?\n(.*?)(?=^## |\Z)", NEW_ENTITY, re.M | re.S)


def apply(copy: Path, path: str, kind: str, text: str) -> None:
    """Apply a section of docs/new-entity.md to the copy."""
    code = "".join(re.findall(r"```python\n(.*?)```", text, re.S))
    if kind == "new":
        assert not (copy / path).exists()
        (copy / path).write_text(code, "utf-8")
        return
    source = (copy / path).read_text("utf-8")
    imports = "".join(re.findall(r"^from .* import .*\n", code, re.M))
    source = source.replace("from __future__ import annotations\n", f"from __future__ import annotations\n{imports}", 1)
    code = code.replace(imports, "")
    for members, name in re.findall(r"Then add `([^`]+?),?` to `(\w+)`", text):
        before, definition, rest = re.split(rf"^({name}\b[^\n]*? = \()", source, maxsplit=1, flags=re.M)
        source, code = f"{before}{code}\n\n{definition}{members}, {rest}", ""
    (copy / path).write_text(f"{source}\n\n{code}", "utf-8")


def add_examples(copy: Path, added: dict[str, dict[str, Any]]) -> None:
    """Add members to the groups of the examples of the OpenAPI document."""
    path = copy / "api" / "http" / "openapi" / "examples.json"
    examples = json.loads(path.read_text("utf-8"))
    for group, members in added.items():
        examples[group] |= members
    path.write_text(json.dumps(examples), "utf-8")


def test_new_field_of_cats_touches_four_files(copy: Path) -> None:
    code, test, members, example = steps("add a field to cats")
    path, line, struct = re.match(r"`([^`]+)`: add `([^`]+)` to\s+`(\w+)`", code).groups()  # type: ignore[union-attr]
    source = (copy / path).read_text("utf-8")
    fields = re.search(rf"^class {struct}\b.*?(?=\n\n\n)", source, re.M | re.S).group()  # type: ignore[union-attr]
    (copy / path).write_text(source.replace(fields, f"{fields}\n    {line}"), "utf-8")
    test_path, _, constant = re.match(r"`([^`]+)`: (.*?)`(\w+)`", test, re.S).groups()  # type: ignore[union-attr]
    source = (copy / test_path).read_text("utf-8")
    (copy / test_path).write_text(re.sub(rf"^({constant}\b.* = .*\{{)", r'\1"tail": "long",', source, flags=re.M))
    table, member, group, entity = re.match(r"`(.*?)`: add `(.*?)` to `(.*?)` of `(.*?)`", members).groups()  # type: ignore[union-attr]
    source, start = (copy / table).read_text("utf-8"), f"{entity}: {{\n        {group}: ("
    assert source.count(start) == 1
    (copy / table).write_text(source.replace(start, f"{start}{member}, "), "utf-8")
    name, response, group = re.search(r"`\"(\w+)\": null` to `(\w+)` in `(\w+)`", example).groups()  # type: ignore[union-attr]
    cat = json.loads((copy / "api" / "http" / "openapi" / "examples.json").read_text("utf-8"))[group][response]
    add_examples(copy, {group: {response: cat | {name: None}}})
    members_tests = "tests/api/contract/test_members.py::test_every_"
    tests = (
        test_path,
        f"{members_tests}member_of_a_view_has_a_row",
        f"{members_tests}role_gets_the_members_of_the_table[a cat]",
        *EXAMPLE_TESTS,
    )
    run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)


def test_steps_of_the_new_entity_are_the_sections_of_its_page() -> None:
    listed = [path for step in steps("add an entity") for path in re.findall(r"^`([^`]+)`", step)]
    assert listed == [path for path, _, _ in sections()]
    assert len(listed) <= 11


def test_new_entity_passes_the_contract_tests(copy: Path) -> None:
    for path, kind, text in sections():
        if path.endswith(".py"):
            apply(copy, path, kind, text)
        elif example := re.search(r"```json\n(.*?)```", text, re.S):
            add_examples(copy, json.loads(example.group(1)))
    paths = [f"tests/api/contract/{name}" for name in CONTRACT_TESTS]
    selected = " or ".join(("toys", "test_document_is_valid", *(test.partition("::")[2] for test in EXAMPLE_TESTS)))
    output = run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", selected, *paths)
    assert int(re.search(r"(\d+) passed", run_summary(output)).group(1)) > 30  # type: ignore[union-attr]


def run_summary(output: str) -> str:
    """Return the last line of the output of pytest, or the number of dots if it is quiet."""
    return output if " passed" in output else f"{output.count('.')} passed"


def test_budget_grows_by_the_modules_of_the_example() -> None:
    budget = json.loads((ROOT / "bench" / "budget.json").read_text("utf-8"))
    modules = sum(path.startswith("api/") and kind == "new" for path, kind, _ in sections())
    assert budget["modules"]["api"] > modules
    assert f"Add {modules} to the number of modules" in NEW_ENTITY
