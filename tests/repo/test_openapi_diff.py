"""Test the detection of breaking changes in the OpenAPI document, and the list of accepted changes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.app import RESOURCES
from api.http.openapi import document as openapi
from tests.repo.openapi_changes import CHANGES, document, operation, path_of
from tools.checks import openapi_diff
from tools.checks.openapi_diff import AcceptedChange, BreakingChange
from tools.cli import CliError

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def breaking_changes() -> list[BreakingChange]:
    """Return the breaking changes in a document with every change of the table, each at its own path."""
    before = document(**{path_of(name): change.before for name, change in CHANGES.items()})
    after = document(**{path_of(name): change.after for name, change in CHANGES.items()})
    return openapi_diff.find_breaking_changes(before, after)


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_breaks_the_expected_rules(name: str, breaking_changes: list[BreakingChange]) -> None:
    pattern = re.compile(re.escape(f"#/paths/~1{path_of(name)[1:]}") + "(/|$)")
    assert tuple(each.rule for each in breaking_changes if pattern.match(each.at)) == CHANGES[name].rules


def test_every_breaking_change_has_a_message(breaking_changes: list[BreakingChange]) -> None:
    assert len(breaking_changes) == sum(len(change.rules) for change in CHANGES.values())
    assert all(each.message.endswith(".") for each in breaking_changes)


def test_an_added_path_is_not_a_breaking_change() -> None:
    current = openapi.build_document(RESOURCES)
    paths = {path: item for path, item in current["paths"].items() if path != "/pies"}
    assert openapi_diff.find_breaking_changes(current | {"paths": paths}, current) == []


def test_every_query_parameter_of_the_last_release_is_still_accepted() -> None:
    """Redocly pairs parameters by position if their schemas change. This test needs no exception for that."""
    last = json.loads(openapi_diff.newest(openapi_diff.RELEASED).read_text(encoding="utf-8"))
    accepted = {
        (path, method, parameter.name)
        for cls in RESOURCES
        for path in (cls.path, *cls.aliases)
        for method, operation in cls.operations.items()
        for parameter in operation.query.parameters
    }
    released = {
        (path, method, parameter["name"])
        for path, item in last["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
        for parameter in operation.get("parameters", ())
        if parameter.get("in") == "query"
    }
    assert released
    assert released - accepted == set()


def test_an_invalid_document_is_an_error() -> None:
    with pytest.raises(CliError, match=r"^Redocly could not compare the documents: "):
        openapi_diff.find_breaking_changes({"openapi": "3.1.0", "paths": {}}, {"paths": {}})


REMOVED = BreakingChange("#/paths/~1cats/get", "operation-removed", "Operation `GET /cats` was removed.")
ACCEPTED = AcceptedChange(REMOVED.at, REMOVED.rule, "The path is no longer needed.")


def test_an_accepted_change_passes() -> None:
    openapi_diff.check([REMOVED], [ACCEPTED])


def test_an_accepted_change_with_asterisks_covers_several_changes_of_its_rule() -> None:
    pattern = AcceptedChange("#/paths/*/get", REMOVED.rule, "These paths are no longer needed.")
    pies = BreakingChange("#/paths/~1pies/get", REMOVED.rule)
    openapi_diff.check([REMOVED, pies], [pattern])
    for at, rule in ((pies.at, "path-removed"), ("#/paths/~1pies/post", REMOVED.rule), ("#/paths/get", REMOVED.rule)):
        with pytest.raises(CliError, match=re.escape(at)):
            openapi_diff.check([REMOVED, BreakingChange(at, rule)], [pattern])


def test_a_changed_description_or_example_is_not_a_breaking_change() -> None:
    common: dict[str, Any] = {"in": "header", "schema": {"type": "string"}}
    other = common | {"name": "B", "description": "Two.", "example": "x"}
    before = common | {"name": "A", "description": "One."}
    after = common | {"name": "A", "description": "A longer text, which says more.", "example": "x"}
    documents = (document(**{"/cats": operation(parameters=each)}) for each in ([before], [other, after]))
    assert openapi_diff.find_breaking_changes(*documents) == []


def test_an_unaccepted_change_is_an_error_with_its_entry() -> None:
    with pytest.raises(CliError, match=r"was removed\.\n  at: \"#/paths/~1cats/get\"\n  rule: operation-removed\n"):
        openapi_diff.check([REMOVED], [])


@pytest.mark.parametrize(
    "changes", [[], [BreakingChange(REMOVED.at, "path-removed")], [BreakingChange("#/paths/~1pies/get", REMOVED.rule)]]
)
def test_an_accepted_change_that_does_not_occur_is_an_error(changes: list[BreakingChange]) -> None:
    with pytest.raises(CliError, match=r"This accepted change does not occur\. Remove it\."):
        openapi_diff.check([*changes], [ACCEPTED])


@pytest.mark.parametrize(
    "wrong", ["- at: x\n  rule: y\n", "- at: x\n  rule: y\n  reason: z\n  until: never\n", "nothing", "]"]
)
def test_an_accepted_change_needs_at_rule_and_reason(wrong: str, tmp_path: Path) -> None:
    file = tmp_path / "accepted.yml"
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(CliError, match=r"^accepted\.yml: "):
        openapi_diff.accepted(file)


def test_versions_are_compared_as_numbers(tmp_path: Path) -> None:
    for version in ("0.9.0", "0.10.0", "0.2.11"):
        (tmp_path / f"{version}.json").touch()
    assert openapi_diff.newest(tmp_path).stem == "0.10.0"
