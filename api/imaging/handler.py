"""Lambda entry point of the photo function. Events of the bucket and a daily schedule call it."""

from __future__ import annotations

import logging
import os
import sys
from functools import cache, partial
from typing import Any
from urllib.parse import unquote_plus

from api.context import Dependencies
from api.domain.photos import upload_key
from api.http.request_log import configure_logging, error_line, lambda_request_id
from api.imaging.sizes import make_sizes
from api.services.photos import finish_deletions, process_upload
from api.settings import SettingsError, read_settings
from api.store.bucket import make_bucket
from api.store.client import open_table

UPLOADS = upload_key("")
"""The prefix of the keys of uploads."""
log = logging.getLogger("clowder")

try:
    _settings = read_settings(os.environ)
    _table = open_table(_settings)
except SettingsError as error:
    sys.exit(error_line(f"The photo function does not start. {error}"))
configure_logging(_settings.log_level)


def handler(event: dict[str, Any], context: Any) -> None:
    """Handle an event of the bucket (``Records``), or of the schedule (``bucket``).

    An error is raised, so that Lambda repeats the event. A repeated event changes nothing more.
    """
    for record in event.get("Records", ()):
        bucket, key = record["s3"]["bucket"]["name"], unquote_plus(record["s3"]["object"]["key"])
        if key.startswith(UPLOADS):
            process_upload(_dependencies(bucket), key.removeprefix(UPLOADS), make_sizes)
            log.info("photo", extra={"fields": {"upload": key, **lambda_request_id(context)}})
    if "bucket" in event:
        finish_deletions(_dependencies(event["bucket"]))


@cache
def _dependencies(bucket: str) -> Dependencies:
    """Return the dependencies with a bucket. The environment does not have its name (infra/photos.yml)."""
    return Dependencies(_settings, _table, open_bucket=cache(partial(make_bucket, bucket, _settings.region)))
