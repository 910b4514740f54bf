"""The gate of the API's document: which changes break a client, and what becomes of those that are meant."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from api.app import RESOURCES
from api.http import openapi
from tests.repo.openapi_changes import CHANGES, document, place
from tools.checks import openapi_diff
from tools.checks.openapi_diff import AcceptedChange, BreakingChange
from tools.cli import CliError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def found() -> list[BreakingChange]:
    """What the gate finds in a document in which every change of the table was made, each to a path of its own."""
    before = document(**{place(name): change.before for name, change in CHANGES.items()})
    after = document(**{place(name): change.after for name, change in CHANGES.items()})
    return openapi_diff.find_breaking_changes(before, after)


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_breaks_a_client_or_not(name: str, found: list[BreakingChange]) -> None:
    here = re.compile(re.escape(f"#/paths/~1{place(name)[1:]}") + "(/|$)")
    assert tuple(each.rule for each in found if here.match(each.at)) == CHANGES[name].rules


def test_every_break_stands_at_a_path_of_the_table_and_is_told_in_words(found: list[BreakingChange]) -> None:
    assert len(found) == sum(len(change.rules) for change in CHANGES.values())
    assert all(each.message.endswith(".") for each in found)


def test_what_stays_and_a_path_that_is_added_break_nobody() -> None:
    present = openapi.build_document(RESOURCES)
    paths = {path: item for path, item in present["paths"].items() if path != "/pies"}
    assert openapi_diff.find_breaking_changes(present | {"paths": paths}, present) == []


def test_what_cannot_be_compared_is_a_problem() -> None:
    with pytest.raises(CliError, match=r"^Redocly could not compare the documents: "):
        openapi_diff.find_breaking_changes({"openapi": "3.1.0", "paths": {}}, {"paths": {}})


LOST = BreakingChange("#/paths/~1cats/get", "operation-removed", "Operation `GET /cats` was removed.")
MEANT = AcceptedChange(LOST.at, LOST.rule, "No café has cats any more.")


def test_a_break_that_is_meant_passes() -> None:
    openapi_diff.check([LOST], [MEANT])


def test_a_break_that_nobody_meant_is_told_as_it_would_be_written_down() -> None:
    with pytest.raises(CliError, match=r"was removed\.\n  at: \"#/paths/~1cats/get\"\n  rule: operation-removed\n"):
        openapi_diff.check([LOST], [])


@pytest.mark.parametrize(
    "found", [[], [BreakingChange(LOST.at, "path-removed")], [BreakingChange("#/paths/~1pies/get", LOST.rule)]]
)
def test_what_is_accepted_and_does_not_happen_fails(found: list[BreakingChange]) -> None:
    with pytest.raises(CliError, match=r"This accepted change does not occur\. Remove it\."):
        openapi_diff.check([*found], [MEANT])


@pytest.mark.parametrize(
    "wrong", ["- at: x\n  rule: y\n", "- at: x\n  rule: y\n  reason: z\n  until: never\n", "nothing", "]"]
)
def test_an_accepted_break_has_a_place_a_rule_and_a_reason(wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "accepted.yml"
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(CliError, match=r"^accepted\.yml: "):
        openapi_diff.accepted(file)


def test_a_version_is_newer_by_its_numbers(tmp_path: Path) -> None:
    for version in ("0.9.0", "0.10.0", "0.2.11"):
        (tmp_path / f"{version}.json").touch()
    assert openapi_diff.newest(tmp_path).stem == "0.10.0"


def test_the_newest_document_is_that_of_the_newest_release() -> None:
    released = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)
    newest = openapi_diff.newest(openapi_diff.RELEASED)
    assert newest.stem == released[0]
    assert json.loads(newest.read_bytes())["info"]["version"] == newest.stem
