"""Command-line tools for development, packaging and deployment. They are not deployed to Lambda."""

import importlib.util

if not all(importlib.util.find_spec(package) for package in ("argon2", "boto3", "flask_restful", "msgspec")):
    raise SystemExit("Required packages are not installed. Run `make install`, then use .venv/bin/python.")
