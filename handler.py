"""Lambda entry point: an event in, an answer out."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

# Objects of the import live as long as the process. To collect garbage while importing only slows the cold start.
gc.disable()

from api.app import create_app
from api.http.gateway import handle_event, register_text_types
from api.http.request_log import error_line
from api.settings import SettingsError, read_settings
from api.store.client import open_table

register_text_types()
try:
    _settings = read_settings(os.environ)
    _table = open_table(_settings)
except SettingsError as error:
    # The function's log then has one sentence, and no traceback that would show values.
    sys.exit(error_line(f"Clowder does not start. {error}"))
app = create_app(_settings, _table)

gc.freeze()
gc.enable()


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Answer one event: a request of the HTTP API (payload version 2.0), or what else Lambda is called with."""
    return handle_event(app, event, context)
