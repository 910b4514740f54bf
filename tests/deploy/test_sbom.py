"""The bill of materials beside the package: what of others is in it, in the form that others' tools read."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.support.deploy_fixtures import ROOT
from tools.package import sbom
from tools.package.build import Package
from tools.package.dependencies import normalised

NOT_SHIPPED = {"pycparser"}
"""It reads declarations when bindings are built, and they are built already."""

Bill = dict[str, Any]


@pytest.fixture(scope="module")
def text(artefact: Package) -> str:
    """The bill as it lies beside the package."""
    return artefact.path.with_suffix(".cdx.json").read_text(encoding="utf-8")


@pytest.fixture
def told(text: str) -> Bill:
    """What it says."""
    document: Bill = json.loads(text)
    return document


def fault(document: Bill) -> str | None:
    """Return what CycloneDX's own schema says against a bill."""
    found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document))
    return repr(found) if found else None


def test_it_is_cyclonedx(told: Bill) -> None:
    assert (told["bomFormat"], told["specVersion"], fault(told)) == ("CycloneDX", "1.6", None)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda document: document["components"][0].pop("name"),
        lambda document: document["components"][0]["hashes"][0].update(content="none"),
        lambda document: document.update(serialNumber="1"),
        lambda document: document.update(made="here"),
    ],
)
def test_what_is_not_cyclonedx_is_caught(told: Bill, spoil: Callable[[Bill], Any]) -> None:
    spoil(told)
    assert fault(told) is not None


def test_every_requirement_is_in_it_with_its_version(told: Bill) -> None:
    pinned = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
    expected = {(normalised(name), version) for name, version in pinned if name not in NOT_SHIPPED}
    listed = {(normalised(part["name"]), part["version"]) for part in told["components"]}
    (swagger,) = listed - expected
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert (expected - listed, swagger) == (set(), ("swagger-ui-dist", package["dependencies"]["swagger-ui-dist"]))


def test_everything_in_the_package_is_in_it(told: Bill, artefact: Package) -> None:
    with zipfile.ZipFile(artefact.path) as archive:
        installed = {re.match(r"(.+)-(.+)\.dist-info/", name) for name in archive.namelist()} - {None}
    assert {(normalised(found[1]), found[2]) for found in installed if found} == {
        (normalised(part["name"]), part["version"])
        for part in told["components"]
        if part["purl"].startswith("pkg:pypi/")
    }


def test_every_part_says_where_it_comes_from_and_under_which_licence(told: Bill) -> None:
    for part in told["components"]:
        kind, length = ("npm", 128) if part["name"] == sbom.SWAGGER else ("pypi", 64)
        assert part["purl"] == f"pkg:{kind}/{normalised(part['name'])}@{part['version']}"
        assert [len(digest["content"]) for digest in part["hashes"]] == [length]
        licences = {each.get("expression") or " ".join(each["license"].values()) for each in part["licenses"]}
        assert licences
        assert not licences & {"", "UNKNOWN"}


def test_it_is_the_bill_of_this_package_and_the_same_each_time(told: Bill, text: str, artefact: Package) -> None:
    about = told["metadata"]["component"]
    assert (about["name"], about["hashes"]) == ("clowder", [{"alg": "SHA-256", "content": artefact.sha256}])
    assert "timestamp" not in told["metadata"]
    wheels = {
        normalised(part["name"]): part["hashes"][0]["content"]
        for part in told["components"]
        if part["name"] != sbom.SWAGGER
    }
    assert sbom.cyclonedx(artefact.sha256, artefact.path, wheels) == text
    assert sbom.cyclonedx("0" * 64, artefact.path, wheels) != text
