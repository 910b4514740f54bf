"""The bill of materials: what of others is in a package, as CycloneDX 1.6 JSON (https://cyclonedx.org/docs/1.6/json/)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from importlib.metadata import PackageMetadata, distributions
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from api import __version__
from tools.package.dependencies import Wheels, normalised
from tools.package.sources import ROOT

SWAGGER = "swagger-ui-dist"
LICENSES = LicenseFactory()


def cyclonedx(sha256: str, archive: Path, wheels: Wheels) -> str:
    """Return the bill of a package: the same for the same package, so it has neither a time nor a random number.

    Args:
        sha256: the package's.
        archive: the package itself, whose metadata says what is in it.
        wheels: the hashes of what the distributions in it were unpacked from.
    """
    package = Component(
        name="clowder", version=__version__, type=ComponentType.APPLICATION, bom_ref="clowder",
        licenses=[LICENSES.make_from_string("Apache-2.0")],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)],
    )  # fmt: skip
    parts = [*_python(archive, wheels), _swagger()]
    bom = Bom(
        components=parts,
        metadata=BomMetaData(component=package),
        serial_number=uuid5(NAMESPACE_URL, f"sha256:{sha256}"),
    )
    bom.metadata.timestamp = None  # type: ignore[assignment]
    bom.register_dependency(package, parts)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _python(archive: Path, wheels: Wheels) -> Iterator[Component]:
    for each in distributions(path=[str(archive)]):
        name = each.metadata["Name"]
        digest = HashType(alg=HashAlgorithm.SHA_256, content=wheels[normalised(name)])
        yield _library(PackageURL("pypi", None, name, each.version), name, _licences(each.metadata), digest)


def _swagger() -> Component:
    """Swagger UI, as the lockfile pins it: make copies its files from there."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"][f"node_modules/{SWAGGER}"]
    content = base64.b64decode(lock["integrity"].removeprefix("sha512-")).hex()
    digest = HashType(alg=HashAlgorithm.SHA_512, content=content)
    licences = [LICENSES.make_from_string(lock["license"])]
    return _library(PackageURL("npm", None, SWAGGER, lock["version"]), SWAGGER, licences, digest)


def _library(url: PackageURL, name: str, licences: list[License], digest: HashType) -> Component:
    """A component; its hash is that of the file by which it is distributed."""
    return Component(
        name=name, version=url.version, type=ComponentType.LIBRARY, purl=url, bom_ref=str(url),
        licenses=licences, hashes=[digest],
    )  # fmt: skip


def _licences(metadata: PackageMetadata) -> list[License]:
    """Return the licences as the distribution tells them: by expression (PEP 639), or, if older, by classifiers."""
    if "License-Expression" in metadata:
        return [LICENSES.make_from_string(metadata["License-Expression"])]
    classifiers = metadata.get_all("Classifier") or []
    told = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License :: ")]
    return [LICENSES.make_from_string(name) for name in told or [metadata["License"]]]
