"""What runs the café on this machine, and the commands around it. Nothing of it goes to Lambda."""

import importlib.util

if importlib.util.find_spec("boto3") is None:
    raise SystemExit("This Python lacks the café's packages: run `make install` once, then use .venv/bin/python.")
