"""The running server conforms to its OpenAPI document, according to all checks of Schemathesis."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import urllib3

from tests.support.dev_server import ROOT, local_cafe

CONFIG = Path(__file__).with_name("schemathesis.toml")
CAT = "Мурка"
"""A name outside Latin-1, which the configuration uses for the history."""
TIMEOUT_SECONDS = 600


def test_server_conforms_to_its_openapi_document(tmp_path: Path) -> None:
    with local_cafe(tmp_path / "data") as cafe:
        env = os.environ | {"DATA_DIR": str(cafe.data), "ROLE": "owner", "NO_COLOR": "1"}
        token = subprocess.run(
            [sys.executable, "-m", "tools.local.token"], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        ).stdout.strip()
        for _ in range(2):
            cat = urllib3.request(
                "PUT", f"{cafe.url}/cats/{quote(CAT)}", json={}, headers={"Authorization": f"Bearer {token}"}
            )
            assert cat.status in (200, 201)
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"]
        command += [f"{cafe.url}/openapi.json", "--checks", "all", "-H", f"Authorization: Bearer {token}"]
        result = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    assert result.returncode == 0, result.stdout[-10_000:] + result.stderr[-2_000:]
