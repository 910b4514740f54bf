"""The bill of materials of a package, as CycloneDX 1.6 JSON (https://cyclonedx.org/docs/1.6/json/)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from tools.cli import CliError
from tools.package.dependencies import LOCK
from tools.package.sources import ROOT
from tools.package.target import python_environment

SWAGGER = "swagger-ui-dist"


def cyclonedx(sha256: str, *folders: Path) -> str:
    """Return the bill of materials of a package. It has no timestamp and no random number, so that it is reproducible.

    cyclonedx-py reads the licences from the metadata of the distributions, and the hashes of the wheels from the lock.

    Args:
        sha256: the SHA-256 of the package.
        folders: the folders with the files of the package.
    """
    # -S: without the packages of the interpreter, so that only those of PYTHONPATH are listed.
    environment = ["environment", "-S", sys.executable, f"--pyproject={ROOT / 'pyproject.toml'}"]
    bom = _cyclonedx_py(environment, PYTHONPATH=os.pathsep.join(map(str, folders)))
    for component in bom["components"]:
        component["externalReferences"] = _locked_references()[component["purl"]]
    bom["components"].append(_swagger())
    bom["metadata"].pop("timestamp", None)  # cyclonedx-py writes it if SOURCE_DATE_EPOCH is set
    application = bom["metadata"]["component"]
    application["hashes"] = [{"alg": "SHA-256", "content": sha256}]
    root = next(item for item in bom["dependencies"] if item["ref"] == application["bom-ref"])
    root["dependsOn"] = sorted(component["bom-ref"] for component in bom["components"])
    return json.dumps(bom, indent=2) + "\n"


@cache
def _locked_references() -> dict[str, Any]:
    """Return the references of each package in the lock, with the hashes of its wheels."""
    locked = _cyclonedx_py(["requirements", str(LOCK)])
    return {component["purl"]: component["externalReferences"] for component in locked["components"]}


def _cyclonedx_py(arguments: list[str], **variables: str) -> dict[str, Any]:
    """Return the output of cyclonedx-py. The tests validate it by the schema, which takes seconds."""
    # -I: PYTHONPATH is for the interpreter that cyclonedx-py starts, and not for cyclonedx-py.
    command = [sys.executable, "-I", "-W", "ignore", "-m", "cyclonedx_py", *arguments]
    command += ["--output-reproducible", "--no-validate"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=python_environment(**variables))
    if result.returncode:
        raise CliError(f"cyclonedx-py could not write the bill of materials: {result.stderr.strip()}")
    return dict(json.loads(result.stdout))


def _swagger() -> dict[str, Any]:
    """Return the component of Swagger UI, in the version that the lockfile pins, with the hash of its npm package."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"][f"node_modules/{SWAGGER}"]
    purl = f"pkg:npm/{SWAGGER}@{lock['version']}"
    digest = base64.b64decode(lock["integrity"].removeprefix("sha512-")).hex()
    return {
        "type": "library", "bom-ref": purl, "name": SWAGGER, "version": lock["version"], "purl": purl,
        "licenses": [{"license": {"id": lock["license"]}}], "hashes": [{"alg": "SHA-512", "content": digest}],
    }  # fmt: skip
