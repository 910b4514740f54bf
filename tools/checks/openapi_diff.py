"""Find changes of the API that break clients of the last release (``make openapi-gate``).

The rules are those of ``redocly diff``, and two that it lacks. docs/openapi/accepted.yml lists intended changes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import yaml

from api.app import RESOURCES
from api.domain.users import ROLE_RANKS
from api.http.openapi import document as openapi
from tools.cli import CliError, echo, run_main

ROOT = Path(__file__).resolve().parents[2]
RELEASED = ROOT / "docs" / "openapi"
ACCEPTED = RELEASED / "accepted.yml"
REDOCLY = ROOT / "node_modules" / ".bin" / "redocly"
# No telemetry, no update check, no warning about the version of Node.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_SUPPRESS_NOTIFICATIONS": "true"}

Document = dict[str, Any]


class BreakingChange(msgspec.Struct, frozen=True, order=True):
    """A change that breaks a client: a JSON pointer into the document, the rule and a message."""

    at: str
    rule: str
    message: str = ""


class AcceptedChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An intended breaking change, or several: ``*`` in the pointer stands for any text."""

    at: str
    rule: str
    reason: str

    def covers(self, change: BreakingChange) -> bool:
        """Return whether a breaking change is intended."""
        pattern = ".*".join(re.escape(part) for part in self.at.split("*"))
        return change.rule == self.rule and re.fullmatch(pattern, change.at) is not None


def main() -> None:
    """Compare the current document with the last release, or print it."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.checks.openapi_diff", description="Find breaking changes of the API."
    )
    parser.add_argument("--print", action="store_true", help="only print the current document")
    current = openapi.build_document(RESOURCES)
    if parser.parse_args().print:
        echo(json.dumps(current, ensure_ascii=False, indent=1))
        return
    release = newest(RELEASED)
    check(find_breaking_changes(json.loads(release.read_bytes()), current), accepted(ACCEPTED))
    echo(f"There are no breaking changes since {release.stem}, except those in {ACCEPTED.relative_to(ROOT)}.")


def newest(folder: Path) -> Path:
    """Return the document of the newest release."""
    return max(folder.glob("*.*.*.json"), key=lambda path: tuple(int(part) for part in path.stem.split(".")))


def accepted(path: Path) -> list[AcceptedChange]:
    """Read the intended breaking changes.

    Raises:
        CliError: the file is not a list of accepted changes.
    """
    try:
        return msgspec.convert(yaml.safe_load(path.read_bytes()), list[AcceptedChange])
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        raise CliError(f"{path.name}: {error}") from None


def check(changes: Sequence[BreakingChange], accepted_changes: Sequence[AcceptedChange]) -> None:
    """Check that the breaking changes are the accepted ones.

    Raises:
        CliError: a breaking change is not accepted, or an accepted change does not occur.
    """
    intended = [change for change in changes if any(each.covers(change) for each in accepted_changes)]
    errors = [(each.at, each.rule, each.message) for each in changes if each not in intended]
    unused = [each for each in accepted_changes if not any(each.covers(change) for change in intended)]
    errors += [(each.at, each.rule, "This accepted change does not occur. Remove it.") for each in unused]
    if errors:
        lines = [f"{message}\n  at: {json.dumps(at)}\n  rule: {rule}" for at, rule, message in errors]
        raise CliError("\n".join([*lines, f"List intended changes in {ACCEPTED.relative_to(ROOT)}, with a reason."]))


def find_breaking_changes(before: Document, after: Document) -> list[BreakingChange]:
    """Return the breaking changes between two documents, sorted by path."""
    return sorted({*_redocly_changes(before, after), *_own_changes(before, after)})


def _redocly_changes(before: Document, after: Document) -> Iterator[BreakingChange]:
    with TemporaryDirectory(prefix="clowder-openapi-") as name:
        for file, document in (("before.json", before), ("after.json", after)):
            (Path(name) / file).write_text(json.dumps(_without_prose(document)), encoding="utf-8")
        command = [str(REDOCLY), "diff", "before.json", "after.json", "--format=json", "--fail-on=none"]
        result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=name, env=os.environ | QUIET)
    if result.returncode:
        raise CliError(f"Redocly could not compare the documents: {result.stderr.strip()}")
    for change in json.loads(result.stdout)["changes"]:
        for verdict in change["verdicts"]:
            yield BreakingChange(change["path"], verdict["ruleId"], verdict["message"])


def _without_prose(value: Any) -> Any:
    """Return a part of a document without descriptions and examples.

    Redocly takes a parameter for another one if too much of it has changed, also if that is only its description.
    """
    if isinstance(value, list):
        return [_without_prose(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_prose(member)
        for name, member in value.items()
        # A property may have one of these names; its schema is an object.
        if isinstance(member, dict) or name not in ("description", "summary", "example", "examples")
    }


def _own_changes(before: Document, after: Document) -> Iterator[BreakingChange]:
    """Yield the changes that Redocly does not find: a raised role, and a new required request body."""
    operations = ((path, *pair) for path, item in after["paths"].items() for pair in item.items())
    for path, method, operation in operations:
        old = before["paths"].get(path, {}).get(method)
        if method == "parameters" or old is None:
            continue
        at = f"#/paths/{path.replace('/', '~1')}/{method}"
        old_role, role = old.get("x-role", "public"), operation.get("x-role", "public")
        if ROLE_RANKS[old_role] < ROLE_RANKS[role]:
            yield BreakingChange(f"{at}/x-role", "role-raised", f"The required role was {old_role} and is {role}.")
        if operation.get("requestBody", {}).get("required") and "requestBody" not in old:
            yield BreakingChange(f"{at}/requestBody", "request-body-added", "A request body is now required.")


if __name__ == "__main__":
    run_main(main)
