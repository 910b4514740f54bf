"""Command-line tools for development, packaging and deployment. They are not deployed to Lambda."""

import importlib.util

# A package of requirements.txt, and one of tools/requirements/package.txt, which is enough for tools.package.
if not any(importlib.util.find_spec(package) for package in ("msgspec", "uv")):
    raise SystemExit("Required packages are not installed. Run `make install`, then use .venv/bin/python.")
