"""The bill of materials of a package, as CycloneDX 1.6 JSON (https://cyclonedx.org/docs/1.6/json/)."""

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
    """Return the bill of materials of a package. It has no timestamp and no random number, so that it is reproducible.

    Args:
        sha256: the SHA-256 of the package.
        archive: the package, which contains the metadata of the distributions.
        wheels: the SHA-256 of the wheel of each distribution.
    """
    package = Component(
        name="clowder", version=__version__, type=ComponentType.APPLICATION, bom_ref="clowder",
        licenses=[LICENSES.make_from_string("Apache-2.0")],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256)],
    )  # fmt: skip
    components = [*_distributions(archive, wheels), _swagger()]
    bom = Bom(
        components=components,
        metadata=BomMetaData(component=package),
        serial_number=uuid5(NAMESPACE_URL, f"sha256:{sha256}"),
    )
    bom.metadata.timestamp = None  # type: ignore[assignment]
    bom.register_dependency(package, components)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def _distributions(archive: Path, wheels: Wheels) -> Iterator[Component]:
    for distribution in distributions(path=[str(archive)]):
        name = distribution.metadata["Name"]
        digest = HashType(alg=HashAlgorithm.SHA_256, content=wheels[normalised(name)])
        yield _library(
            PackageURL("pypi", None, name, distribution.version), name, _licences(distribution.metadata), digest
        )


def _swagger() -> Component:
    """Return the component of Swagger UI, in the version that the lockfile pins."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"][f"node_modules/{SWAGGER}"]
    content = base64.b64decode(lock["integrity"].removeprefix("sha512-")).hex()
    digest = HashType(alg=HashAlgorithm.SHA_512, content=content)
    licences = [LICENSES.make_from_string(lock["license"])]
    return _library(PackageURL("npm", None, SWAGGER, lock["version"]), SWAGGER, licences, digest)


def _library(url: PackageURL, name: str, licences: list[License], digest: HashType) -> Component:
    """Return a component. Its hash is that of the file in the package registry."""
    return Component(
        name=name, version=url.version, type=ComponentType.LIBRARY, purl=url, bom_ref=str(url),
        licenses=licences, hashes=[digest],
    )  # fmt: skip


def _licences(metadata: PackageMetadata) -> list[License]:
    """Return the licences in the metadata: an expression (PEP 639), or classifiers in older metadata."""
    if "License-Expression" in metadata:
        return [LICENSES.make_from_string(metadata["License-Expression"])]
    classifiers = metadata.get_all("Classifier") or []
    names = [name.rpartition(" :: ")[2] for name in classifiers if name.startswith("License :: ")]
    return [LICENSES.make_from_string(name) for name in names or [metadata["License"]]]
