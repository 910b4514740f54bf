"""Schemathesis against the running café: what the OpenAPI document says is what the café does, with all checks on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.support.dev_server import ROOT, local_cafe

CONFIG = Path(__file__).with_name("schemathesis.toml")
SECONDS = 600


def test_the_document_and_the_behaviour_are_the_same(tmp_path: Path) -> None:
    with local_cafe(tmp_path / "data") as cafe:
        told = os.environ | {"DATA_DIR": str(cafe.data), "ROLE": "owner", "NO_COLOR": "1"}
        token = subprocess.run(
            [sys.executable, "-m", "tools.local.token"], cwd=ROOT, env=told, capture_output=True, text=True, check=True
        ).stdout.strip()
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"]
        command += [f"{cafe.url}/openapi.json", "--checks", "all", "-H", f"Authorization: Bearer {token}"]
        done = subprocess.run(command, cwd=tmp_path, env=told, capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]
