"""Test the software bill of materials (CycloneDX) of the package."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tests.support.deploy_fixtures import ROOT
from tools.package import sbom
from tools.package.build import Package
from tools.package.dependencies import LOCK

NOT_SHIPPED = {"pycparser"}
"""A build dependency that is not in the package."""

Sbom = dict[str, Any]


def normalised(name: str) -> str:
    """Return the normalised name of a distribution (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def text(artefact: Package) -> str:
    """Return the text of the SBOM."""
    return artefact.path.with_suffix(".cdx.json").read_text(encoding="utf-8")


@pytest.fixture
def bom(text: str) -> Sbom:
    """Return the parsed SBOM."""
    document: Sbom = json.loads(text)
    return document


def schema_error(document: Sbom) -> str | None:
    """Return the validation error of an SBOM, by the schema of CycloneDX."""
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(document))
    return repr(error) if error else None


def test_the_sbom_is_valid_cyclonedx(bom: Sbom) -> None:
    assert (bom["bomFormat"], bom["specVersion"], schema_error(bom)) == ("CycloneDX", "1.6", None)


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["components"][0].pop("name"),
        lambda document: document["metadata"]["component"]["hashes"][0].update(content="none"),
        lambda document: document.update(serialNumber="1"),
        lambda document: document.update(unknown="member"),
    ],
)
def test_an_invalid_sbom_is_detected(bom: Sbom, change: Callable[[Sbom], Any]) -> None:
    change(bom)
    assert schema_error(bom) is not None


def test_every_requirement_is_listed_with_its_version(bom: Sbom) -> None:
    pinned = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M)
    expected = {(normalised(name), version) for name, version in pinned if name not in NOT_SHIPPED}
    listed = {(normalised(component["name"]), component["version"]) for component in bom["components"]}
    (swagger,) = listed - expected
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert (expected - listed, swagger) == (set(), ("swagger-ui-dist", package["dependencies"]["swagger-ui-dist"]))


def test_every_installed_distribution_is_listed(bom: Sbom, artefact: Package) -> None:
    with zipfile.ZipFile(artefact.path) as archive:
        installed = {re.match(r"(.+)-(.+)\.dist-info/", name) for name in archive.namelist()} - {None}
    assert {(normalised(match[1]), match[2]) for match in installed if match} == {
        (normalised(component["name"]), component["version"])
        for component in bom["components"]
        if component["purl"].startswith("pkg:pypi/")
    }


def test_every_component_has_a_purl_the_hashes_of_the_lock_and_a_licence(bom: Sbom) -> None:
    locked = dict(re.findall(r"^([\w.-]+==\S+) \\\n((?:    --hash=.+\n)+)", LOCK.read_text(encoding="utf-8"), re.M))
    for component in bom["components"]:
        kind, length = ("npm", 128) if component["name"] == sbom.SWAGGER else ("pypi", 64)
        assert component["purl"] == f"pkg:{kind}/{normalised(component['name'])}@{component['version']}"
        (digests,) = {frozenset(digest["content"] for digest in found) for found in hashes(component)}
        if kind == "pypi":
            assert digests == set(re.findall("sha256:([0-9a-f]+)", locked[component["purl"][9:].replace("@", "==")]))
        assert {len(digest) for digest in digests} == {length}
        licences = {each.get("expression") or " ".join(each["license"].values()) for each in component["licenses"]}
        assert licences
        assert not licences & {"", "UNKNOWN"}


def test_the_sbom_has_the_hash_of_the_package_and_is_reproducible(
    bom: Sbom, text: str, artefact: Package, tmp_path: Path
) -> None:
    application = bom["metadata"]["component"]
    assert (application["name"], application["hashes"]) == ("clowder", [{"alg": "SHA-256", "content": artefact.sha256}])
    assert "timestamp" not in bom["metadata"]
    with zipfile.ZipFile(artefact.path) as archive:
        archive.extractall(tmp_path, [name for name in archive.namelist() if ".dist-info/" in name])
    assert sbom.cyclonedx(artefact.sha256, tmp_path) == text
    assert sbom.cyclonedx("0" * 64, tmp_path) == text.replace(artefact.sha256, "0" * 64)


def hashes(component: Sbom) -> list[list[dict[str, str]]]:
    """Return the hashes of a component, or those of each of its distributions."""
    if "hashes" in component:
        return [component["hashes"]]
    return [each["hashes"] for each in component["externalReferences"] if each["type"] == "distribution"]
