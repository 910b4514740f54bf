"""Test that the serverless CLI and the other tools have the same rule for the default region."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tools.deploy.serverless_config import ROOT
from tools.region import default_region

CONFIG = "[default]\nregion = eu-west-2\n[profile cafe]\nregion = eu-west-3\n[profile plain]\noutput = json\n"
CREDENTIALS = "[keys]\nregion = eu-north-1\naws_access_key_id = none\naws_secret_access_key = none\n"
CALL = """require(process.argv[2])({ options: {} }).then((region) => process.stdout.write(region));"""


@pytest.mark.parametrize(
    ("environment", "region"),
    [
        ({"AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-2", "AWS_PROFILE": "cafe"}, "us-east-1"),
        ({"AWS_DEFAULT_REGION": "us-east-2", "AWS_PROFILE": "cafe"}, "us-east-2"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_PROFILE": "cafe"}, "eu-west-3"),
        ({"AWS_DEFAULT_PROFILE": "cafe"}, "eu-west-3"),
        ({"AWS_PROFILE": "keys"}, "eu-north-1"),
        ({}, "eu-west-2"),
        ({"AWS_PROFILE": "plain"}, "eu-west-1"),
        ({"AWS_CONFIG_FILE": os.devnull}, "eu-west-1"),
    ],
)
def test_the_region_is_that_of_the_environment_the_profile_or_the_default(
    environment: dict[str, str], region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "credentials").write_text(CREDENTIALS, encoding="utf-8")
    (tmp_path / "main.cjs").write_text(CALL, encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    files = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}
    files = {name: str(tmp_path / file) for name, file in files.items()}
    for name, value in (files | environment).items():
        monkeypatch.setenv(name, value)
    command = ["node", str(tmp_path / "main.cjs"), str(ROOT / "tools" / "serverless" / "region.cjs")]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (result.stdout, default_region()) == (region, region)
