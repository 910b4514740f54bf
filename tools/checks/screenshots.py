"""Write the pictures of README.md: ``python -m tools.checks.screenshots http://127.0.0.1:5000``.

They show a server with the sample data (``make run``), in the Chromium of the browser tests.
"""

from __future__ import annotations

import shutil
import sys
from io import BytesIO
from pathlib import Path

from tools.cli import CliError, run_main

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"
PICTURES = (
    ("home", "/", "light", (1280, 800), (640, 400)),
    ("cat", "/cats/luna", "dark", (390, 844), (185, 400)),
)
"""For each picture: its name, the path of the page, the colour scheme, the size of the screen and of the picture."""


def main() -> None:
    """Take the pictures.

    Raises:
        CliError: there is no URL, or no Chromium.
    """
    from PIL import Image
    from playwright.sync_api import sync_playwright

    executable = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if len(sys.argv) != 2 or executable is None:
        raise CliError("Usage: python -m tools.checks.screenshots URL, with Chromium in PATH.")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        for name, path, scheme, (width, height), size in PICTURES:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(sys.argv[1] + path, wait_until="networkidle")
            picture = Image.open(BytesIO(page.screenshot()))
            picture.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(FOLDER / f"{name}.webp", quality=80)
        browser.close()


if __name__ == "__main__":
    run_main(main)
