"""Test the GitHub workflows: permissions, pinned actions, no secrets, and the deployment of the built package."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.repo.workflows import find_errors

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml")}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))

CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2"
READ = "    permissions:\n      contents: read # to check out\n"
SHA256 = "sha256: ${{ needs.build.outputs.sha256 }}"
WRONG_WORKFLOWS = {
    "action pinned by tag": ("ci.yml", CHECKOUT, "actions/checkout@v6", "is not pinned"),
    "action pinned by a short commit": ("ci.yml", CHECKOUT, CHECKOUT.replace("83dd", ""), "is not pinned"),
    "action without version comment": ("ci.yml", " # v6.0.2", "", "is not pinned"),
    "two versions of an action": ("ci.yml", "83dd # v6.0.2", "83de # v6.0.3", "are different versions"),
    "missing workflow": ("deploy.yml", "workflows/ci.yml", "workflows/tests.yml", r"\$/\S+ does not exist"),
    "stored access key": (
        "stage.yml", "role-to-assume:", "aws-access-key-id: ${{ secrets.KEY }}\n          role-to-assume:", "a secret"
    ),
    "permissions of a workflow": ("ci.yml", "permissions: {}", "permissions: write-all", "not have permissions"),
    "all permissions for a job": ("ci.yml", READ, "    permissions: write-all\n", "write-all are not the minimal"),
    "job without permissions": ("ci.yml", READ, "", "None are not the minimal"),
    "write permission": ("ci.yml", "contents: read", "contents: write", "not the minimal permissions"),
    "unused identity token": ("ci.yml", READ, f"{READ}      id-token: write\n", "not need an identity token"),
    "no timeout": ("ci.yml", "    timeout-minutes: 45\n", "", "no timeout"),
    "timeout of hours": ("ci.yml", "timeout-minutes: 45", "timeout-minutes: 360", "no timeout"),
    "missing make target": ("deploy.yml", "make package", "make packages", "no target packages"),
    "expression in a script": ("deploy.yml", "make package", "make package ${{ github.ref }}", "has an expression"),
    "persisted credentials": ("ci.yml", "credentials: false", "credentials: true", "credentials are persisted"),
    "digest before staging": ("deploy.yml", "[build, staging]", "[build]", "record does not wait for build and"),
    "production without the digest": ("deploy.yml", "needs: find", "needs: build", "production does not wait for find"),
    "production after a push": (
        "deploy.yml", "inputs.stage == 'production'", "inputs.stage != 'staging'", "find has another condition"
    ),
    "production although find is skipped": (
        "deploy.yml", "    needs: find\n", "    needs: find\n    if: always()\n", "production has another condition"
    ),
    "deployment of a release": ("deploy.yml", "  push:\n", "  release:\n  push:\n", "a deployment starts by itself"),
    "deployment of branches": ("deploy.yml", "[main]", "['**']", "a deployment starts by itself"),
    "one group for both stages": (
        "deploy.yml", "deploy-${{ inputs.stage || 'staging' }}", "deploy", "can cancel a waiting production run"
    ),
    "package of another run": (
        "deploy.yml", "needs.find.outputs.run", "github.run_id", "production does not get the package of find"
    ),
    "no runbooks": ("stage.yml", "/blob/main/docs/operations.md", "", "not the inputs of the stage"),
    "no boundary": ("stage.yml", "permissionsBoundary=${{ vars.AWS_BOUNDARY }} ", "", "not the inputs of the stage"),
    "build without test": ("deploy.yml", "needs: test", "needs: []", "build does not wait for test"),
    "another digest": ("deploy.yml", SHA256, "sha256: ${{ github.sha }}", "staging does not get the package of build"),
    "production as stage staging": (
        "deploy.yml", "stage: production", "stage: staging", "production does not get the package of find"
    ),
    "cancelled deployment": (
        "deploy.yml", "cancel-in-progress: false", "cancel-in-progress: true", "can be cancelled"
    ),
    "unchecked digest": ("stage.yml", ' SHA256="${SHA256:?}"', "", "with a required digest"),
    "optional digest": ("stage.yml", "${SHA256:?}", "$SHA256", "with a required digest"),
    "variable in place of an input": ("stage.yml", "${{ inputs.sha256 }}", "${{ vars.SHA256 }}", "not the inputs"),
    "wrong environment": ("stage.yml", "environment: ${{ inputs.stage }}", "environment: dev", "environment of the"),
}  # fmt: skip


def test_the_workflows_have_no_errors() -> None:
    assert find_errors(WORKFLOWS, TARGETS) == []


@pytest.mark.parametrize("variant", WRONG_WORKFLOWS)
def test_a_wrong_workflow_is_detected(variant: str) -> None:
    file, correct, wrong, message = WRONG_WORKFLOWS[variant]
    assert correct in WORKFLOWS[file]
    errors = find_errors(WORKFLOWS | {file: WORKFLOWS[file].replace(correct, wrong, 1)}, TARGETS)
    assert any(re.search(message, error) for error in errors), errors


def script(workflow: str, job: str, step: str) -> str:
    """Return the script of a step."""
    steps = yaml.safe_load(WORKFLOWS[workflow])["jobs"][job]["steps"]
    [run] = [each["run"] for each in steps if each["name"] == step]
    return str(run)


def run(script: str, folder: Path, **environment: str) -> int:
    """Run a script as GitHub does, and return its exit code."""
    defaults = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(folder / "output")}
    return subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, env=defaults | environment, capture_output=True, check=False
    ).returncode


def test_ci_runs_the_script_in_dot_ci() -> None:
    assert script("ci.yml", "test", "Check and test").endswith(" .ci/run")


SHA = "0123456789abcdef0123456789abcdef01234567"
GH = """#!/bin/sh
echo "$*" >> calls
case "$*" in
  "api repos/cafe/clowder/actions/workflows/deploy.yml/runs?head_sha=$GITHUB_SHA&status=success --jq "*)
    echo "$RUNS" ;;
  "run download 2 --repo cafe/clowder --name staging") echo 'c0ffee  dist/package.zip' > staging.sha256 ;;
  *) exit 1 ;;
esac
"""
"""A stand-in of the GitHub CLI. The run 2 has deployed to staging."""


@pytest.mark.parametrize(
    ("runs", "output"),
    [
        ("2", ["run=2", "artifact=dist/package.zip", "sha256=c0ffee"]),
        ("3\n2\n1", ["run=2", "artifact=dist/package.zip", "sha256=c0ffee"]),
        ("3", None),
        ("", None),
    ],
)
def test_production_gets_the_package_that_staging_has_had(runs: str, output: list[str] | None, tmp_path: Path) -> None:
    (tmp_path / "gh").write_text(GH, encoding="utf-8")
    (tmp_path / "gh").chmod(0o755)
    environment = {"GITHUB_REPOSITORY": "cafe/clowder", "GITHUB_SHA": SHA, "GH_TOKEN": "none", "RUNS": runs}
    find = script("deploy.yml", "find", "Find the run of this commit")
    code = run(find, tmp_path, **environment, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (code == 0) == (output is not None)
    if output:
        assert (tmp_path / "output").read_text(encoding="utf-8").split() == output


def test_the_digest_of_staging_is_what_production_reads(tmp_path: Path) -> None:
    package = {"SHA256": "c0ffee", "ARTIFACT": "dist/package.zip", "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    assert run(script("deploy.yml", "record", "Write the digest"), tmp_path, **package) == 0
    assert (tmp_path / "staging.sha256").read_text(encoding="utf-8") == "c0ffee  dist/package.zip\n"
    assert "c0ffee" in (tmp_path / "summary").read_text(encoding="utf-8")


@pytest.mark.parametrize("missing", ["", "AWS_REGION", "AWS_ROLE", "AWS_BOUNDARY"])
def test_a_deployment_stops_if_the_environment_is_not_set_up(missing: str, tmp_path: Path) -> None:
    variables = dict.fromkeys(("AWS_REGION", "AWS_ROLE", "AWS_BOUNDARY"), "value") | {"STAGE": "staging"}
    check = script("stage.yml", "deploy", "Check the environment")
    assert (run(check, tmp_path, **variables | {missing or "STAGE": ""}) == 0) == (not missing)


CHROMIUM = {"chromium"}, {"chromium-browser"}, {"google-chrome"}


def installed_packages(folder: Path, existing: set[str], keys: bool = True) -> set[str]:
    """Return the packages that .ci/run installs on a machine with some programs, with or without the Debian keys."""
    programs = folder / "bin"
    for directory in (programs, folder / ".ci"):
        directory.mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci" / "run")
    bash, dirname = (shutil.which(name) or name for name in ("bash", "dirname"))
    (programs / "dirname").symlink_to(dirname)
    commands = {"id": "echo 0", "make": ":", "dpkg": "true" if keys else "false"}
    commands["apt-get"] = f'[ "$1" != install ] || echo "$@" > "{folder}/installed"'
    for name, command in (commands | dict.fromkeys(existing, ":")).items():
        (programs / name).write_text(f"#!{bash}\n{command}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    result = subprocess.run([bash, folder / ".ci" / "run"], env={"PATH": str(programs)}, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    words = (folder / "installed").read_text(encoding="utf-8").split() if (folder / "installed").exists() else []
    return {word for word in words[1:] if not word.startswith("-")}


def test_ci_installs_the_programs_of_the_tests(tmp_path: Path) -> None:
    assert installed_packages(tmp_path, set()) == {"chromium", "buildah", "debootstrap", "wrk", "zsh"}


@pytest.mark.parametrize("browser", CHROMIUM, ids=str)
def test_ci_uses_an_installed_browser(browser: set[str], tmp_path: Path) -> None:
    assert installed_packages(tmp_path, {"buildah", "debootstrap", "wrk", "zsh"} | browser) == set()


def test_ci_installs_missing_debian_keys(tmp_path: Path) -> None:
    everything = {"buildah", "debootstrap", "wrk", "zsh", "chromium"}
    assert installed_packages(tmp_path, everything, keys=False) == {"debian-archive-keyring"}


def test_the_build_outputs_digest_and_path_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "clowder-python3.13-arm64.zip.sha256").write_text("c0ffee  clowder-python3.13-arm64.zip\n")
    assert run(script("deploy.yml", "build", "Note the digest"), tmp_path) == 0
    output = (tmp_path / "output").read_text(encoding="utf-8")
    assert output.split() == ["sha256=c0ffee", "artifact=dist/clowder-python3.13-arm64.zip"]


@pytest.mark.parametrize("packages", [[], ["arm64", "x86_64"]])
def test_the_build_fails_without_exactly_one_package(packages: list[str], tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    for name in packages:
        (tmp_path / "dist" / f"clowder-{name}.zip.sha256").write_text(f"c0ffee  clowder-{name}.zip\n")
    assert run(script("deploy.yml", "build", "Note the digest"), tmp_path) != 0


@pytest.mark.parametrize("missing", ["", "STAGE", "ARTIFACT", "SHA256"])
def test_a_stage_deploys_only_with_all_inputs(missing: str, tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("deploy:\n\t@echo '$(STAGE) $(ARTIFACT) $(SHA256)' > deployed\n")
    inputs = {"STAGE": "staging", "ARTIFACT": "dist/package.zip", "SHA256": "c0ffee"}
    deploy = script("stage.yml", "deploy", "Deploy, smoke test, roll back if that fails")
    code = run(deploy, tmp_path, **{name: value for name, value in inputs.items() if name != missing})
    deployed = tmp_path / "deployed"
    assert (code == 0, deployed.exists()) == (not missing, not missing)
    assert missing or deployed.read_text(encoding="utf-8") == "staging dist/package.zip c0ffee\n"
