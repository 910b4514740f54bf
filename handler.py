"""Lambda entry point: an API Gateway event in, an answer out."""

from __future__ import annotations

import os
import sys
from typing import Any

import serverless_wsgi

from api.app import create_app
from api.http.gateway import text_types
from api.settings import SettingsError, read_settings
from api.store.client import connect

text_types()
try:
    _settings = read_settings(os.environ)
    _table = connect(_settings)
except SettingsError as error:
    # The function's log then has one sentence, and no traceback that would show values.
    sys.exit(f"Clowder does not start. {error}")
app = create_app(_settings, _table)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request (HTTP API, payload version 2.0)."""
    answer: dict[str, Any] = serverless_wsgi.handle_request(app, event, context)
    return answer
