"""Lambda entry point."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

# Objects that are created during import live as long as the process. Collecting garbage would only slow the cold start.
gc.disable()

from api.app import create_app
from api.http.gateway import configure_serverless_wsgi, handle_event
from api.http.request_log import error_line
from api.settings import SettingsError, read_settings
from api.store.client import open_table

configure_serverless_wsgi()
try:
    _settings = read_settings(os.environ)
    _table = open_table(_settings)
except SettingsError as error:
    # One log line instead of a traceback, which could contain the values of settings.
    sys.exit(error_line(f"Clowder does not start. {error}"))
app = create_app(_settings, _table)

gc.freeze()
gc.enable()


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Handle a request of the HTTP API (payload version 2.0) or another Lambda event."""
    return handle_event(app, event, context)
