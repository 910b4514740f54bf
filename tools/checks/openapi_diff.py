"""``make openapi-gate``: no change to the API breaks a client of the last release, unless its reason is written down.

What breaks a client is judged by the ``diff`` of Redocly's CLI, and by two rules of our own that it lacks.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import yaml

from api.app import RESOURCES
from api.domain.users import RANKS
from api.http import openapi
from tools.cli import CliError, echo, run_main

ROOT = Path(__file__).resolve().parents[2]
RELEASED = ROOT / "docs" / "openapi"
ACCEPTED = RELEASED / "accepted.yml"
REDOCLY = ROOT / "node_modules" / ".bin" / "redocly"
# It would report its use, look for news, and ask for a newer Node.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "REDOCLY_SUPPRESS_NOTIFICATIONS": "true"}

Document = dict[str, Any]


class BreakingChange(msgspec.Struct, frozen=True, order=True):
    """A change that breaks a client: where (a JSON pointer into the document), which rule says so, and in words."""

    at: str
    rule: str
    told: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What an accepted break names."""
        return self.at, self.rule


class AcceptedChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A break that is meant."""

    at: str
    rule: str
    reason: str


def main() -> None:
    """Compare with the newest release, or print the present document."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.checks.openapi_diff", description="Finds what breaks a client."
    )
    parser.add_argument("--print", action="store_true", help="print the document that the code makes now, and end")
    present = openapi.build_document(RESOURCES)
    if parser.parse_args().print:
        echo(json.dumps(present, ensure_ascii=False, indent=1))
        return
    release = newest(RELEASED)
    check(find_breaking_changes(json.loads(release.read_bytes()), present), accepted(ACCEPTED))
    echo(f"Nothing breaks a client of {release.stem} that is not accepted in {ACCEPTED.relative_to(ROOT)}.")


def newest(folder: Path) -> Path:
    """Return the document of the newest release."""
    released = folder.glob("*.*.*.json")
    return max(released, key=lambda path: tuple(int(part) for part in path.stem.split(".")))


def accepted(path: Path) -> list[AcceptedChange]:
    """Read the breaks that are meant.

    Raises:
        CliError: the file is not a list of them.
    """
    try:
        return msgspec.convert(yaml.safe_load(path.read_bytes()), list[AcceptedChange])
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        raise CliError(f"{path.name}: {error}") from None


def check(found: Sequence[BreakingChange], meant: Sequence[AcceptedChange]) -> None:
    """Raise a CliError if a break is not accepted, or if what is accepted is none (any more)."""
    named = {(each.at, each.rule) for each in meant}
    lines = [
        f"{each.told}\n  at: {json.dumps(each.at)}\n  rule: {each.rule}" for each in found if each.key not in named
    ]
    for at, rule in sorted(named - {each.key for each in found}):
        lines.append(f"This is accepted, and does not happen: take it out.\n  at: {json.dumps(at)}\n  rule: {rule}")
    if lines:
        raise CliError(
            "\n".join([*lines, f"What is meant to break is named in {ACCEPTED.relative_to(ROOT)}, with why."])
        )


def find_breaking_changes(before: Document, after: Document) -> list[BreakingChange]:
    """Return what breaks a client of the former document, in the order of the places."""
    return sorted({*_by_redocly(before, after), *_by_ourselves(before, after)})


def _by_redocly(before: Document, after: Document) -> Iterator[BreakingChange]:
    with TemporaryDirectory(prefix="clowder-openapi-") as name:
        for file, document in (("before.json", before), ("after.json", after)):
            (Path(name) / file).write_text(json.dumps(document), encoding="utf-8")
        command = [str(REDOCLY), "diff", "before.json", "after.json", "--format=json", "--fail-on=none"]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=name, env=os.environ | QUIET)
    if ran.returncode:
        raise CliError(f"Redocly could not compare the documents: {ran.stderr.strip()}")
    for change in json.loads(ran.stdout)["changes"]:
        for verdict in change["verdicts"]:
            yield BreakingChange(change["path"], verdict["ruleId"], verdict["message"])


def _by_ourselves(before: Document, after: Document) -> Iterator[BreakingChange]:
    """Yield what Redocly does not see: a role that rose, and a body that is asked for where none was taken."""
    for path, method, now in _operations(after):
        was = before["paths"].get(path, {}).get(method)
        if was is None:
            continue
        at = f"#/paths/{path.replace('/', '~1')}/{method}"
        role, needed = was.get("x-role", "public"), now.get("x-role", "public")
        if RANKS[role] < RANKS[needed]:
            yield BreakingChange(f"{at}/x-role", "role-raised", f"The role that it needs was {role}, and is {needed}.")
        if now.get("requestBody", {}).get("required") and "requestBody" not in was:
            yield BreakingChange(f"{at}/requestBody", "request-body-added", "A body is required where none was taken.")


def _operations(document: Document) -> Iterator[tuple[str, str, Document]]:
    for path, item in document["paths"].items():
        for method in item.keys() - {"parameters"}:
            yield path, method, item[method]


if __name__ == "__main__":
    run_main(main)
