"""Test that every file has the version of the changelog, and that a release is complete."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import api
from api.app import RESOURCES
from api.http.deprecation import Deprecation
from api.http.openapi import document as openapi
from tests.support import golden

ROOT = Path(__file__).resolve().parents[2]
HEADINGS: list[tuple[str, str]] = re.findall(
    r"^## \[(.+)\] - (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M
)
"""The versions of the changelog, newest first, each with its date, or with "unreleased"."""
RELEASES = {version: date.fromisoformat(day) for version, day in HEADINGS if day != "unreleased"}


def read_json(name: str) -> dict[str, Any]:
    """Return the content of a JSON file of the repository."""
    content: dict[str, Any] = json.loads((ROOT / name).read_text(encoding="utf-8"))
    return content


def deprecations() -> Iterator[Deprecation]:
    """Yield all deprecations: of aliases and of query parameters."""
    for cls in RESOURCES:
        yield from cls.aliases.values()
        for operation in cls.operations.values():
            yield from operation.query.deprecated.values()


def past_sunset(found: list[Deprecation], releases: list[date]) -> list[Deprecation]:
    """Return the deprecations whose sunset is not after the newest release."""
    return [deprecation for deprecation in found if deprecation.sunset <= max(releases)]


def test_every_file_has_the_version_of_the_changelog() -> None:
    lock, project = read_json("package-lock.json"), tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    versions = {
        "api/__init__.py": api.__version__,
        "the OpenAPI document": openapi.build_document(RESOURCES)["info"]["version"],
        "pyproject.toml": project["project"]["version"],
        "package.json": read_json("package.json")["version"],
        "package-lock.json": lock["version"],
        "the package in package-lock.json": lock["packages"][""]["version"],
    }
    assert versions == dict.fromkeys(versions, HEADINGS[0][0])


def test_changelog_has_the_versions_in_order_and_only_the_newest_is_unreleased() -> None:
    numbers = [tuple(int(part) for part in version.split(".")) for version, _ in HEADINGS]
    assert numbers == sorted(set(numbers), reverse=True)
    assert list(RELEASES) in ([version for version, _ in HEADINGS], [version for version, _ in HEADINGS[1:]])
    assert list(RELEASES.values()) == sorted(RELEASES.values(), reverse=True)


def test_every_release_has_its_document_and_its_golden_items() -> None:
    """The files of the releases are what the next changes are compared with."""
    documents = {path.stem: path for path in (ROOT / "docs" / "openapi").glob("*.json")}
    assert documents.keys() == RELEASES.keys()
    for version, path in documents.items():
        assert json.loads(path.read_text(encoding="utf-8"))["info"]["version"] == version
    assert {path.stem for path in golden.FOLDER.glob("*.json")} == {*RELEASES, golden.CURRENT} == {*golden.RELEASES}


def test_nothing_is_deprecated_in_a_release_after_its_sunset() -> None:
    found = list(deprecations())
    assert found
    assert past_sunset(found, list(RELEASES.values())) == []
    assert past_sunset(found, [*RELEASES.values(), max(each.sunset for each in found)]) == found


def test_what_is_deprecated_works_for_at_least_six_months() -> None:
    assert min(each.sunset - each.since for each in deprecations()).days >= 183
