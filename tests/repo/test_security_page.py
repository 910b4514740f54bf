"""docs/security.md: every requirement of ASVS 5.0 has one row, and every test that a row names exists."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
STATES = {"met", "partly", "not met", "not applicable"}
SECTIONS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:3
5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3
9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4
13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4
17.3:2
"""
"""The number of requirements of levels 1 and 2 in each section of ASVS 5.0. They are numbered from 1."""
API_RISKS = [f"API{number}" for number in range(1, 11)]


def requirements() -> list[str]:
    """Return the ids of all requirements of levels 1 and 2."""
    sections = [entry.split(":") for entry in SECTIONS.split()]
    return [f"{section}.{number}" for section, count in sections for number in range(1, int(count) + 1)]


ALL = [*requirements(), *API_RISKS]


def rows() -> list[list[str]]:
    """Return the cells of each row about requirements or risks."""
    return [line.strip("| ").split(" | ") for line in PAGE.splitlines() if re.match(r"\| (API)?\d", line)]


@cache
def functions_in(path: str) -> set[str]:
    """Return the names of the functions in a file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_requirement_has_exactly_one_row() -> None:
    covered: Counter[str] = Counter()
    for entry in (entry for cells in rows() for entry in cells[0].split(", ")):
        matching = [each for each in ALL if each == entry or each.startswith(f"{entry}.")]
        assert matching, entry
        covered.update(matching)
    assert len(ALL) == 253 + 10
    assert {each: covered[each] for each in ALL if covered[each] != 1} == {}


def test_every_row_has_a_state_and_names_tests_that_exist() -> None:
    for cells in rows():
        assert len(cells) == 4, cells
        assert cells[2] in STATES, cells
        spans = re.findall(r"`([^`]*)`", cells[3])
        tests = [match.groups() for span in spans if (match := re.fullmatch(r"([\w/.-]+\.py)::(test_\w+)", span))]
        assert len(tests) == cells[3].count("::"), f"each test needs backquotes of its own: {cells[3]}"
        for path, name in tests:
            assert name in functions_in(path), f"{path}::{name}"
    assert sum("::" in cells[3] for cells in rows()) > 90


def test_every_link_to_a_section_has_a_target() -> None:
    for file, anchor in re.findall(r"\]\((?!https:)([^)#]+)#([\w-]+)\)", PAGE):
        titles = re.findall(r"^#+ (.+)$", (ROOT / "docs" / file).read_text(encoding="utf-8"), re.M)
        anchors = {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
        assert anchor in anchors, f"{file}#{anchor}"
