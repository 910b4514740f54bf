"""Test that package-lock.json installs the same npm packages everywhere, with ``npm ci`` and from any registry."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EMULATORS: dict[str, str] = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["optionalDependencies"]
LOCK: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
PACKAGES: dict[str, dict[str, Any]] = {
    path.removeprefix("node_modules/"): entry for path, entry in LOCK["packages"].items() if path
}


@pytest.mark.parametrize("name", EMULATORS)
def test_npm_ci_installs_the_emulator_of_each_platform(name: str, tmp_path: Path) -> None:
    for file in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(ROOT / file, tmp_path)
    system, processor = name.removeprefix("@dynoxide/").split("-")
    assert (PACKAGES[name]["os"], PACKAGES[name]["cpu"]) == ([system], [processor])
    command = ["npm", "ci", "--dry-run", "--offline", "--omit=dev", f"--os={system}", f"--cpu={processor}"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    emulators = [line for line in result.stdout.splitlines() if "@dynoxide" in line]
    assert emulators == [f"add {name} {EMULATORS[name]}"]


def test_every_package_has_a_checksum_except_emulators_of_other_platforms() -> None:
    without_checksum = {name for name, entry in PACKAGES.items() if "integrity" not in entry}
    assert without_checksum < EMULATORS.keys()


def test_the_lockfile_names_no_registry() -> None:
    assert [name for name, entry in PACKAGES.items() if "resolved" in entry] == []


def test_the_command_serverless_is_the_open_source_cli() -> None:
    assert [name for name, entry in PACKAGES.items() if "serverless" in entry.get("bin", ())] == ["osls"]
