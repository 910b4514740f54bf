"""html-validate: whether pages are valid HTML. One process checks all of them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("html_validate.cjs")


def validate(pages: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the errors and warnings of the pages that have any, by the names of the pages.

    Args:
        pages: the HTML of each page by its name.
    """
    result = subprocess.run(
        ["node", str(SCRIPT)], cwd=ROOT, input=json.dumps(pages), capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    found: dict[str, list[str]] = json.loads(result.stdout)
    return found
