"""Test the validation of deploy options and artefacts by the serverless plugin, before any change."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.plugin import call
from tests.support.template import IMAGE, Template, all_strings
from tools.checks.template.compile import compile_template, run
from tools.cli import CliError
from tools.deploy import serverless_config
from tools.deploy.osls import PROGRAM, prepare_workdir

WSGI = [
    "wsgi", "wsgi install", "wsgi clean", "wsgi exec", "wsgi exec local", "wsgi command", "wsgi command local",
    "wsgi manage", "wsgi manage local", "wsgi flask", "wsgi flask local",
]  # fmt: skip
"""The commands of serverless-wsgi that need its handler."""
DEFAULTS = yaml.safe_load(serverless_config.FILE.read_text(encoding="utf-8"))["params"]["default"]
PACKAGE = b"a zip with api/__init__.py"
DIGEST = hashlib.sha256(PACKAGE).hexdigest()


def option_error(stage: str = "dev", **options: str) -> str | None:
    """Return the error message for a stage and its parameters."""
    known = {"stages": serverless_config.stages(), "declared": list(DEFAULTS)}
    deployment = {"stage": stage, "given": list(options), "parameters": {**DEFAULTS, **options}, **known}
    message: str | None = call("checks", "parameterError", deployment)
    return message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, ""),
        ({"packageType": "image", "image": IMAGE}, ""),
        ({"domain": "a.example", "certificateArn": "arn:aws:acm", "hostedZoneId": "Z1", "snapStart": "true"}, ""),
        ({"stage": "prod"}, "The stage prod does not exist: use dev, staging or production."),
        ({"stage": "default"}, "The stage default does not exist: use dev, staging or production."),
        ({"snapstart": "true"}, "The parameter snapstart does not exist: see params in serverless.yml."),
        ({"constructor": "true"}, "The parameter constructor does not exist: see params in serverless.yml."),
        ({"packageType": "tar"}, "packageType must be zip or image, not tar."),
        ({"packageType": "image"}, "packageType image needs an image: set image to REGISTRY/NAME@sha256:DIGEST."),
        (
            {"packageType": "image", "image": "registry/clowder:latest"},
            "The image registry/clowder:latest has no digest: set image to REGISTRY/NAME@sha256:DIGEST.",
        ),
        (
            {"packageType": "image", "image": IMAGE, "snapStart": "true"},
            "snapStart needs packageType zip: Lambda has no SnapStart for images.",
        ),
        (
            {"packageType": "image", "image": IMAGE, "artifact": "dist/clowder.zip", "sha256": DIGEST},
            "packageType image takes no artifact: set packageType to zip, or clear artifact.",
        ),
        ({"image": IMAGE}, "packageType zip takes no image: set packageType to image, or clear image."),
        ({"sha256": DIGEST}, "sha256 needs an artifact: set artifact."),
        (
            {"alarmEmail": "café@example.org"},
            "The parameter alarmEmail must be plain ASCII: CloudFormation replaces other characters.",
        ),
        ({"corsOrigins": "https://a.example https://b.example"}, ""),
        ({"snapStart": "yes"}, "snapStart must be true or false, not yes."),
        ({"domain": "a.example", "certificateArn": "arn:aws:acm"}, ""),
        ({"domain": "a.example", "hostedZoneId": "Z1"}, ""),
        ({"domain": "a.xn--p1ai", "hostedZoneId": "Z1"}, ""),
        (
            {"domain": "-a.example", "hostedZoneId": "Z1"},
            "domain must be empty or a domain name in lower case, not -a.example.",
        ),
        (
            {"domain": "a.example"},
            "The domain a.example needs a certificate: set hostedZoneId, which creates one, or certificateArn.",
        ),
        ({"budget": "50", "alarmEmail": "vet@a.example"}, ""),
        ({"budget": "0.50", "alarmEmail": "vet@a.example"}, ""),
        ({"alarmEmail": "vet@a.example", "alarms": "true"}, ""),
        (
            {"alarmEmail": "vet@a.example"},
            "alarmEmail needs alarms or a budget, which send the e-mails: set alarms=true or budget.",
        ),
        ({"budget": "50"}, "budget needs an address for its e-mails: set alarmEmail."),
        *(
            (
                {"budget": wrong, "alarmEmail": "vet@a.example"},
                f"budget must be empty or US dollars per month, such as 50, not {wrong}.",
            )
            for wrong in ("0", "0.00", "-5", "50 USD", "$50", "1e3", "5,000", "1.234", ".5")
        ),
        ({"certificateArn": "arn:aws:acm"}, "certificateArn needs a domain: set domain."),
        ({"hostedZoneId": "Z1"}, "hostedZoneId needs a domain: set domain."),
    ],
)
def test_invalid_options_have_an_error_message(options: dict[str, str], message: str) -> None:
    assert (option_error(**options) or "") == message


WRONG_VALUES = {
    "sha256": "1", "runtime": "python2.7", "architecture": "sparc", "reservedConcurrency": "-1",
    "cursorKeyVersion": "latest", "corsOrigins": "cafe.example", "securityContact": "ada", "timeZone": "Mars/Base",
    "logLevel": "LOUD", "rate": "0", "burst": "many", "restoredTable": "cats", "domain": "https://cafe.example",
    "certificateArn": "none", "hostedZoneId": "cafe.example", "tracing": "yes", "alarms": "1", "alarmEmail": "ada",
    "backups": "on", "keep": "keep", "protect": "no", "logDays": "8", "packageType": "tar", "snapStart": "yes",
}  # fmt: skip
"""A wrong value of each parameter that has a rule. CloudFormation would find most of them in the midst of an update."""


@pytest.mark.parametrize("name", WRONG_VALUES)
def test_a_wrong_value_of_a_parameter_is_an_error(name: str) -> None:
    message = option_error(**{name: WRONG_VALUES[name]}) or ""
    assert message.startswith(f"{name} must ")
    assert WRONG_VALUES[name] in message


def test_every_parameter_has_a_rule() -> None:
    rules = call("checks", "RULES")
    # The artifact and the image are checked by their content and their digest, the time zone by its database.
    assert set(DEFAULTS) - set(rules) == {"artifact", "image", "timeZone"}


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        ("deploy", {}, ""),
        ("wsgi serve", {}, ""),
        (
            "deploy",
            {"package": "folder"},
            "serverless deploy --package is not supported: use serverless deploy --param",
        ),
        ("deploy function", {}, "serverless deploy function is not supported: use serverless deploy, which"),
        ("invoke local", {}, "serverless invoke local is not supported: use serverless wsgi serve"),
        *((command, {}, f"serverless {command} needs the handler of the plugin serverless-wsgi") for command in WSGI),
    ],
)
def test_an_unsupported_command_is_an_error(command: str, options: dict[str, str], message: str) -> None:
    error = call("checks", "commandError", command, options) or ""
    assert error.startswith(message)
    assert bool(error) == bool(message)


@pytest.mark.parametrize(
    ("checksum_file", "sha256", "message"),
    [
        (f"{DIGEST}  package.zip\n", "", ""),
        (f"{DIGEST}  package.zip\n", DIGEST.upper(), ""),
        (None, DIGEST, ""),
        (None, "", "The expected SHA-256 of {0} is not known: set sha256, or create {0}.sha256."),
        ("0" * 64, "", f"{{0}} has the SHA-256 {DIGEST}, and {'0' * 64} was expected."),
        ("0" * 64, DIGEST, f"{{0}} has the SHA-256 {DIGEST}, and {'0' * 64} was expected."),
        (f"{DIGEST}  package.zip\n", "1" * 64, f"{{0}} has the SHA-256 {DIGEST}, and {'1' * 64} was expected."),
    ],
)
def test_a_package_must_have_the_expected_sha256(
    tmp_path: Path, checksum_file: str | None, sha256: str, message: str
) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(PACKAGE)
    if checksum_file is not None:
        package.with_suffix(".zip.sha256").write_text(checksum_file, encoding="ascii")
    error = call("checks", "artifactError", {"artifact": str(package), "sha256": sha256}) or ""
    assert error == message.format(package)


def test_a_missing_package_is_an_error(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.zip")
    error = call("checks", "artifactError", {"artifact": missing, "sha256": ""})
    assert error == f"The artifact {missing} does not exist."


def test_a_package_over_the_size_limit_is_an_error(tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(b"")
    with package.open("r+b") as file:
        file.truncate(6_100_000)
    error = call("checks", "artifactError", {"artifact": str(package), "sha256": ""})
    assert error == f"{package} has 6.1 MB, and the limit is 6 MB."


def non_ascii(document: dict[str, Any]) -> list[str]:
    """Return the strings that CloudFormation would change, because they are not ASCII."""
    return [text for text in all_strings(document) if not text.isascii()]


def test_every_template_is_ascii(template: Template) -> None:
    assert non_ascii(template.document) == []
    assert non_ascii(template.document | {"Description": "A café"}) == ["A café"]


def test_osls_stops_at_an_unknown_stage_with_one_message() -> None:
    with pytest.raises(
        CliError, match=r"^The stage nowhere does not exist: use dev, staging or production\. Nothing was changed\.$"
    ):
        compile_template("nowhere")


def test_osls_stops_at_an_unexpected_package_and_writes_no_file(tmp_path: Path) -> None:
    prepare_workdir(tmp_path)
    package = tmp_path / "package.zip"
    package.write_bytes(PACKAGE)
    before = {path.name for path in tmp_path.iterdir()}
    result = run(tmp_path, ["package"], "dev", {"artifact": "package.zip", "sha256": "0" * 64})
    assert result.returncode != 0
    assert f"package.zip has the SHA-256 {DIGEST}, and {'0' * 64} was expected. Nothing was changed." in result.stdout
    # By now, serverless-wsgi would have written its own handler.
    assert {path.name for path in tmp_path.iterdir()} - before <= {".serverless"}


SLOW_UV = """#!/bin/sh
trap 'exit 1' TERM
echo building
while :; do sleep 0.1; done
"""


def test_a_signal_ends_a_build_without_a_stack_trace(tmp_path: Path) -> None:
    prepare_workdir(tmp_path)
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(SLOW_UV, encoding="ascii")
    uv.chmod(0o755)
    environment = os.environ | {"PATH": f"{uv.parent}{os.pathsep}{os.environ['PATH']}"}
    command = [str(PROGRAM), "package", "--stage", "dev"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        assert any(line == "building\n" for line in process.stdout)
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == -signal.SIGINT
    assert "Error" not in rest
