"""Test the validation of deploy options and artefacts by the serverless plugin, before any change."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.template import IMAGE, Template, all_strings, compile_stage, stage, template
from tools.checks.template.compile import compile_template, run
from tools.cli import CliError
from tools.deploy import serverless_config
from tools.deploy.osls import prepare_workdir

__all__ = ["compile_stage", "stage", "template"]

CALL_PLUGIN = """
const [name, options] = JSON.parse(process.argv[1]);
console.log(require("./tools/serverless/order.cjs")[name](options) ?? "");
"""
DIGEST = hashlib.sha256(b"a package").hexdigest()


def call_plugin(function: str, options: dict[str, Any]) -> str:
    """Call a validation function of the plugin and return its error message."""
    command = ["node", "-e", CALL_PLUGIN, json.dumps([function, options])]
    return subprocess.run(
        command, cwd=serverless_config.ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


def option_error(stage: str = "dev", **options: str) -> str:
    """Return the error message for a stage and its parameters."""
    common = yaml.safe_load(serverless_config.FILE.read_text(encoding="utf-8"))["params"]["default"]
    known = {"stages": serverless_config.stages(), "parameters": list(common)}
    return call_plugin("wrongOrder", {"stage": stage, "told": list(options), "order": {**common, **options}, **known})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, ""),
        ({"packageType": "image", "image": IMAGE}, ""),
        ({"domain": "a.example", "certificateArn": "arn", "hostedZoneId": "Z1", "snapStart": "true"}, ""),
        ({"stage": "prod"}, "There is no stage prod: it is dev, staging or production."),
        ({"stage": "default"}, "There is no stage default: it is dev, staging or production."),
        ({"snapstart": "true"}, "There is no parameter snapstart: params in serverless.yml lists them."),
        ({"packageType": "tar"}, "packageType is zip or image, not tar."),
        ({"packageType": "image"}, "packageType image needs the image: give image as REGISTRY/NAME@sha256:DIGEST."),
        (
            {"packageType": "image", "image": "registry/clowder:latest"},
            "The image registry/clowder:latest is not named by its digest: REGISTRY/NAME@sha256:DIGEST is needed.",
        ),
        (
            {"packageType": "image", "image": IMAGE, "snapStart": "true"},
            "snapStart is for packageType zip alone: Lambda takes no snapshot of an image.",
        ),
        (
            {"alarmEmail": "café@example.org"},
            "The parameter alarmEmail has more than plain ASCII in it, of which CloudFormation keeps nothing.",
        ),
        ({"corsOrigins": "https://a.example https://b.example"}, ""),
        ({"snapStart": "yes"}, "snapStart is true or false, not yes."),
        ({"domain": "a.example"}, "The domain a.example needs a certificate: give certificateArn."),
        ({"certificateArn": "arn"}, "A certificate needs its domain: give domain."),
        ({"hostedZoneId": "Z1"}, "A hosted zone needs the domain in it: give domain."),
    ],
)
def test_invalid_options_have_an_error_message(options: dict[str, str], message: str) -> None:
    assert option_error(**options) == message


@pytest.mark.parametrize(
    ("checksum_file", "sha256", "message"),
    [
        (f"{DIGEST}  package.zip\n", "", ""),
        (f"{DIGEST}  package.zip\n", DIGEST.upper(), ""),
        (None, DIGEST, ""),
        (None, "", "Nothing says which SHA-256 {0} must have: give sha256, or {0}.sha256."),
        ("0" * 64, "", f"{{0}} has the SHA-256 {DIGEST}, and {'0' * 64} was expected."),
        ("0" * 64, DIGEST, f"{{0}} has the SHA-256 {DIGEST}, and {'0' * 64} was expected."),
        (f"{DIGEST}  package.zip\n", "1" * 64, f"{{0}} has the SHA-256 {DIGEST}, and {'1' * 64} was expected."),
    ],
)
def test_a_package_must_have_the_expected_sha256(
    tmp_path: Path, checksum_file: str | None, sha256: str, message: str
) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(b"a package")
    if checksum_file is not None:
        package.with_suffix(".zip.sha256").write_text(checksum_file, encoding="ascii")
    error = call_plugin("wrongArtifact", {"artifact": str(package), "sha256": sha256})
    assert error == message.format(package)


def test_a_missing_package_is_an_error(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.zip")
    assert call_plugin("wrongArtifact", {"artifact": missing, "sha256": ""}) == f"There is no artefact {missing}."


def test_a_package_over_the_size_limit_is_an_error(tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(b"")
    with package.open("r+b") as file:
        file.truncate(7_100_000)
    error = call_plugin("wrongArtifact", {"artifact": str(package), "sha256": ""})
    assert error == f"{package} has 7.1 MB, and at most 7 are allowed."


def non_ascii(document: dict[str, Any]) -> list[str]:
    """Return the strings that CloudFormation would change, because they are not ASCII."""
    return [text for text in all_strings(document) if not text.isascii()]


def test_every_template_is_ascii(template: Template) -> None:
    assert non_ascii(template.document) == []
    assert non_ascii(template.document | {"Description": "A café"}) == ["A café"]


def test_osls_stops_at_an_unknown_stage_with_one_message() -> None:
    with pytest.raises(
        CliError, match=r"^There is no stage nowhere: it is dev, staging or production\. Nothing was changed\.$"
    ):
        compile_template("nowhere")


def test_osls_stops_at_an_unexpected_package_and_writes_no_file(tmp_path: Path) -> None:
    prepare_workdir(tmp_path)
    package = tmp_path / "package.zip"
    package.write_bytes(b"a package")
    before = {path.name for path in tmp_path.iterdir()}
    result = run(tmp_path, ["package"], "dev", {"artifact": "package.zip", "sha256": "0" * 64})
    assert result.returncode != 0
    assert f"package.zip has the SHA-256 {DIGEST}, and {'0' * 64} was expected. Nothing was changed." in result.stdout
    # By now, serverless-wsgi would have written its own handler.
    assert {path.name for path in tmp_path.iterdir()} - before <= {".serverless"}


def test_osls_stops_without_credentials(tmp_path: Path) -> None:
    prepare_workdir(tmp_path)
    result = run(tmp_path, ["deploy"], "dev", {})
    assert result.returncode != 0
    [message] = result.stdout.partition("Error:\n")[2].splitlines()
    assert message.startswith("There are no AWS credentials: ")
    assert "Traceback" not in result.stdout + result.stderr
