"""What runs the café on this machine, and the commands around it. Nothing of it goes to Lambda."""

import importlib.util

if not all(importlib.util.find_spec(package) for package in ("argon2", "boto3", "flask_restful", "msgspec")):
    raise SystemExit("This Python lacks the café's packages: run `make install` once, then use .venv/bin/python.")
