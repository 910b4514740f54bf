"""Runs in a fresh process: takes the steps of a cold start one by one, and prints the CPU time of each as JSON.

What several need counts where it is needed first: so most of Python's own library counts to boto3.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

MILLI = 1e6


class Steps:
    """Tells the steps apart."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, float]] = []
        self._last = 0

    def done(self, name: str) -> None:
        """Note that a step has been taken."""
        now = time.process_time_ns()
        self.taken.append((name, (now - self._last) / MILLI))
        self._last = now


def start(event: dict[str, Any]) -> Steps:
    """Start as handler.py does, but slowly enough to be watched."""
    steps = Steps()
    steps.done("Python itself")
    import boto3  # noqa: F401

    steps.done("import boto3")
    import flask  # noqa: F401

    steps.done("import Flask, with Werkzeug and Jinja2")
    import flask_restful  # noqa: F401
    import serverless_wsgi

    steps.done("import Flask-RESTful and serverless-wsgi")
    import msgspec  # noqa: F401

    steps.done("import msgspec")
    from api.app import create_app
    from api.settings import read_settings
    from api.store.client import connect

    steps.done("import our own rooms")
    settings = read_settings(os.environ)
    steps.done("read the settings")
    table = connect(settings)
    steps.done("make the DynamoDB client")
    app = create_app(settings, table)
    steps.done("put the app together")
    serverless_wsgi.handle_request(app, event, None)
    steps.done("first GET")
    serverless_wsgi.handle_request(app, event, None)
    steps.done("second GET")
    return steps


if __name__ == "__main__":
    print(json.dumps(start(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))).taken))
