"""What cannot go well stops before anything is packaged or changed, with one clear sentence."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.template import IMAGE, Template, made, stage, strings, template
from tools.checks.template.compile import compile_template, run
from tools.cli import CliError
from tools.deploy import serverless_config
from tools.deploy.osls import prepare_workdir

__all__ = ["made", "stage", "template"]

ASK = """
const [name, told] = JSON.parse(process.argv[1]);
console.log(require("./tools/serverless/checks.cjs")[name](told) ?? "");
"""
DIGEST = hashlib.sha256(b"a package").hexdigest()


def ask(question: str, told: dict[str, Any]) -> str:
    """Ask the plugin's own code what is wrong."""
    command = ["node", "-e", ASK, json.dumps([question, told])]
    return subprocess.run(
        command, cwd=serverless_config.ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


def wrong_order(stage: str = "dev", **told: str) -> str:
    """Ask what is wrong with an order, as the plugin puts it together."""
    common = yaml.safe_load(serverless_config.FILE.read_text(encoding="utf-8"))["params"]["default"]
    known = {"stages": serverless_config.stages(), "declared": list(common)}
    return ask("parameterError", {"stage": stage, "given": list(told), "parameters": {**common, **told}, **known})


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({}, ""),
        ({"packageType": "image", "image": IMAGE}, ""),
        ({"domain": "a.example", "certificateArn": "arn", "hostedZoneId": "Z1", "snapStart": "true"}, ""),
        ({"stage": "prod"}, "The stage prod does not exist: use dev, staging or production."),
        ({"stage": "default"}, "The stage default does not exist: use dev, staging or production."),
        ({"snapstart": "true"}, "The parameter snapstart does not exist: see params in serverless.yml."),
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
            {"alarmEmail": "café@example.org"},
            "The parameter alarmEmail must be plain ASCII: CloudFormation replaces other characters.",
        ),
        ({"corsOrigins": "https://a.example https://b.example"}, ""),
        ({"snapStart": "yes"}, "snapStart must be true or false, not yes."),
        ({"domain": "a.example"}, "The domain a.example needs a certificate: set certificateArn."),
        ({"certificateArn": "arn"}, "certificateArn needs a domain: set domain."),
        ({"hostedZoneId": "Z1"}, "hostedZoneId needs a domain: set domain."),
    ],
)
def test_an_order_is_right_or_one_sentence_says_why_not(order: dict[str, str], sentence: str) -> None:
    assert wrong_order(**order) == sentence


@pytest.mark.parametrize(
    ("written", "told", "sentence"),
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
def test_a_package_is_the_one_that_was_expected(tmp_path: Path, written: str | None, told: str, sentence: str) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(b"a package")
    if written is not None:
        package.with_suffix(".zip.sha256").write_text(written, encoding="ascii")
    found = ask("artifactError", {"artifact": str(package), "sha256": told})
    assert found == sentence.format(package)


def test_a_package_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.zip")
    assert ask("artifactError", {"artifact": missing, "sha256": ""}) == f"The artifact {missing} does not exist."


def test_a_package_over_the_limit_is_refused(tmp_path: Path) -> None:
    package = tmp_path / "package.zip"
    package.write_bytes(b"")
    with package.open("r+b") as file:
        file.truncate(7_100_000)
    told = ask("artifactError", {"artifact": str(package), "sha256": ""})
    assert told == f"{package} has 7.1 MB, and the limit is 7 MB."


def foreign(document: dict[str, Any]) -> list[str]:
    """Return the texts that CloudFormation would not give back as they were: it keeps plain ASCII alone."""
    return [text for text in strings(document) if not text.isascii()]


def test_every_template_comes_back_as_it_was_given(made: Template) -> None:
    assert foreign(made.document) == []
    assert foreign(made.document | {"Description": "A café"}) == ["A café"]


def test_osls_stops_at_an_unknown_stage_with_this_sentence_alone() -> None:
    with pytest.raises(
        CliError, match=r"^The stage nowhere does not exist: use dev, staging or production\. Nothing was changed\.$"
    ):
        compile_template("nowhere")


def test_osls_stops_at_another_package_than_the_expected_one_and_puts_nothing_into_the_folder(tmp_path: Path) -> None:
    prepare_workdir(tmp_path)
    package = tmp_path / "package.zip"
    package.write_bytes(b"a package")
    before = {path.name for path in tmp_path.iterdir()}
    done = run(tmp_path, ["package"], "dev", {"artifact": "package.zip", "sha256": "0" * 64})
    assert done.returncode != 0
    assert f"package.zip has the SHA-256 {DIGEST}, and {'0' * 64} was expected. Nothing was changed." in done.stdout
    # serverless-wsgi would have put its own handler there by now.
    assert {path.name for path in tmp_path.iterdir()} - before <= {".serverless"}


def test_osls_stops_without_credentials_before_it_builds_anything(tmp_path: Path) -> None:
    prepare_workdir(tmp_path)
    done = run(tmp_path, ["deploy"], "dev", {})
    assert done.returncode != 0
    [sentence] = done.stdout.partition("Error:\n")[2].splitlines()
    assert sentence.startswith("There are no AWS credentials: ")
    assert "Traceback" not in done.stdout + done.stderr
