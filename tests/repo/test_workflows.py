"""The workflows of .github: they hold no key, and what is deployed is what was built."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.repo.workflows import faults

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml")}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))

CHECKOUT = "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2"
READ = "    permissions:\n      contents: read # to check out\n"
BUILT = "sha256: ${{ needs.build.outputs.sha256 }}"
BROKEN = {
    "an action by its tag": ("ci.yml", CHECKOUT, "actions/checkout@v6", "is not pinned"),
    "an action by a part of its commit": ("ci.yml", CHECKOUT, CHECKOUT.replace("83dd", ""), "is not pinned"),
    "an action whose version is not told": ("ci.yml", " # v6.0.2", "", "is not pinned"),
    "two versions of an action": ("ci.yml", "83dd # v6.0.2", "83de # v6.0.3", "are two versions"),
    "a workflow that is not there": ("deploy.yml", "workflows/ci.yml", "workflows/tests.yml", r"there is no \$/"),
    "a stored key": (
        "stage.yml", "role-to-assume:", "aws-access-key-id: ${{ secrets.KEY }}\n          role-to-assume:", "a secret"
    ),
    "all permissions for a workflow": ("ci.yml", "permissions: {}", "permissions: write-all", "for none"),
    "all permissions for a job": ("ci.yml", READ, "    permissions: write-all\n", "write-all are no least permissions"),
    "no word of permissions": ("ci.yml", READ, "", "None are no least permissions"),
    "writing to the repository": ("ci.yml", "contents: read", "contents: write", "are no least permissions"),
    "an identity that nobody needs": ("ci.yml", READ, f"{READ}      id-token: write\n", "has no use for one"),
    "no timeout": ("ci.yml", "    timeout-minutes: 45\n", "", "no timeout"),
    "a timeout of hours": ("ci.yml", "timeout-minutes: 45", "timeout-minutes: 360", "no timeout"),
    "a target that is not there": ("deploy.yml", "make package", "make packages", "the Makefile has no packages"),
    "a branch's name in a script": ("deploy.yml", "make package", "make package ${{ github.ref }}", "from outside"),
    "credentials that stay": ("ci.yml", "credentials: false", "credentials: true", "can read the credentials"),
    "production without staging": ("deploy.yml", "[build, staging]", "[build]", "production does not wait"),
    "building without a test": ("deploy.yml", "needs: test", "needs: []", "build does not wait for test"),
    "another artefact": ("deploy.yml", BUILT, "sha256: ${{ github.sha }}", "staging is not given what was built"),
    "production under staging's guard": (
        "deploy.yml", "stage: production", "stage: staging", "production is not given what was built"
    ),
    "a deployment that is cancelled": (
        "deploy.yml", "cancel-in-progress: false", "cancel-in-progress: true", "cancelled midway"
    ),
    "a digest that nobody looks at": ("stage.yml", ' SHA256="${SHA256:?}"', "", "hold it against its digest"),
    "a digest that may be missing": ("stage.yml", "${SHA256:?}", "$SHA256", "hold it against its digest"),
    "something else under its name": ("stage.yml", "${{ inputs.sha256 }}", "${{ vars.SHA256 }}", "something else"),
    "a stage that nobody guards": ("stage.yml", "environment: ${{ inputs.stage }}", "environment: dev", "guards"),
}  # fmt: skip


def test_the_workflows_have_no_faults() -> None:
    assert faults(WORKFLOWS, TARGETS) == []


@pytest.mark.parametrize("variant", BROKEN)
def test_a_fault_is_found(variant: str) -> None:
    file, sound, broken, said = BROKEN[variant]
    assert sound in WORKFLOWS[file]
    found = faults(WORKFLOWS | {file: WORKFLOWS[file].replace(sound, broken, 1)}, TARGETS)
    assert any(re.search(said, fault) for fault in found), found


def script(workflow: str, job: str, step: str) -> str:
    """Return what a step runs."""
    steps = yaml.safe_load(WORKFLOWS[workflow])["jobs"][job]["steps"]
    [run] = [each["run"] for each in steps if each["name"] == step]
    return str(run)


def run(script: str, folder: Path, **environment: str) -> int:
    """Run a script as GitHub does, and return its exit code."""
    known = {"PATH": os.environ["PATH"], "GITHUB_OUTPUT": str(folder / "output")}
    return subprocess.run(
        ["bash", "-e", "-c", script], cwd=folder, env=known | environment, capture_output=True, check=False
    ).returncode


def test_ci_runs_the_script_that_everybody_runs() -> None:
    assert script("ci.yml", "test", "Check and test").endswith(" .ci/run")


CHROMIUM = {"chromium"}, {"chromium-browser"}, {"google-chrome"}


def installed(folder: Path, there: set[str], keys: bool = True) -> set[str]:
    """Return what .ci/run installs on a machine that has only these programs, and Debian's keys or not."""
    programs = folder / "bin"
    for place in (programs, folder / ".ci"):
        place.mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci" / "run")
    bash, dirname = (shutil.which(name) or name for name in ("bash", "dirname"))
    (programs / "dirname").symlink_to(dirname)
    told = {"id": "echo 0", "make": ":", "dpkg": "true" if keys else "false"}
    told["apt-get"] = f'[ "$1" != install ] || echo "$@" > "{folder}/installed"'
    for name, does in (told | dict.fromkeys(there, ":")).items():
        (programs / name).write_text(f"#!{bash}\n{does}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    done = subprocess.run([bash, folder / ".ci" / "run"], env={"PATH": str(programs)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    words = (folder / "installed").read_text(encoding="utf-8").split() if (folder / "installed").exists() else []
    return {word for word in words[1:] if not word.startswith("-")}


def test_ci_installs_what_the_tests_drive(tmp_path: Path) -> None:
    assert installed(tmp_path, set()) == {"chromium", "buildah", "debootstrap", "wrk"}


@pytest.mark.parametrize("browser", CHROMIUM, ids=str)
def test_ci_takes_the_browser_that_there_is(browser: set[str], tmp_path: Path) -> None:
    assert installed(tmp_path, {"buildah", "debootstrap", "wrk"} | browser) == set()


def test_ci_takes_the_keys_that_a_debian_is_checked_with(tmp_path: Path) -> None:
    everything = {"buildah", "debootstrap", "wrk", "chromium"}
    assert installed(tmp_path, everything, keys=False) == {"debian-archive-keyring"}


def test_the_digest_that_is_handed_on_is_that_of_the_package(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "clowder-python3.13-arm64.zip.sha256").write_text("c0ffee  clowder-python3.13-arm64.zip\n")
    assert run(script("deploy.yml", "build", "Note the digest"), tmp_path) == 0
    output = (tmp_path / "output").read_text(encoding="utf-8")
    assert output.split() == ["sha256=c0ffee", "artifact=dist/clowder-python3.13-arm64.zip"]


@pytest.mark.parametrize("packages", [[], ["arm64", "x86_64"]])
def test_no_package_or_two_have_no_digest(packages: list[str], tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    for name in packages:
        (tmp_path / "dist" / f"clowder-{name}.zip.sha256").write_text(f"c0ffee  clowder-{name}.zip\n")
    assert run(script("deploy.yml", "build", "Note the digest"), tmp_path) != 0


@pytest.mark.parametrize("missing", ["", "STAGE", "ARTIFACT", "SHA256"])
def test_a_stage_deploys_only_what_it_is_told_completely(missing: str, tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text("deploy:\n\t@echo '$(STAGE) $(ARTIFACT) $(SHA256)' > deployed\n")
    told = {"STAGE": "staging", "ARTIFACT": "dist/package.zip", "SHA256": "c0ffee"}
    deploy = script("stage.yml", "deploy", "Deploy, smoke test, roll back if that fails")
    code = run(deploy, tmp_path, **{name: value for name, value in told.items() if name != missing})
    deployed = tmp_path / "deployed"
    assert (code == 0, deployed.exists()) == (not missing, not missing)
    assert missing or deployed.read_text(encoding="utf-8") == "staging dist/package.zip c0ffee\n"
