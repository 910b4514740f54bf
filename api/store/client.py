"""Makes the DynamoDB client: one per process, tuned for a function that answers one request at a time."""

from __future__ import annotations

from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from api import __version__
from api.settings import Settings, SettingsError
from api.store.table import Table

CONNECT_SECONDS = 1
READ_SECONDS = 2
ATTEMPTS = 3
BACKOFF_SECONDS = 1 + 2
"""What botocore's standard mode waits at the most before the second and the third attempt."""
WORST_SECONDS = ATTEMPTS * (CONNECT_SECONDS + READ_SECONDS) + BACKOFF_SECONDS
"""How long one call can take until it gives up."""


def connect(settings: Settings) -> Table:
    """Return the table that the settings name. Nothing is sent yet.

    Raises:
        SettingsError: the deadline leaves no time for a single call.
    """
    if settings.deadline_seconds <= WORST_SECONDS:
        raise SettingsError(
            f"DEADLINE_SECONDS: Expected more than {WORST_SECONDS}, what one call can take at its worst."
        )
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        # A fixed user agent: botocore would build one anew for each call.
        user_agent=f"clowder/{__version__}",
        # Our own requests are always well-formed; the tests say so.
        parameter_validation=False,
        max_pool_connections=16,
        tcp_keepalive=True,
    )
    # An engine on this machine asks for no credentials, but botocore signs with some all the same.
    local = "local" if _is_here(settings.dynamodb_url) else None
    client = boto3.client(
        "dynamodb",
        region_name=settings.region,
        endpoint_url=settings.dynamodb_url,
        config=config,
        aws_access_key_id=local,
        aws_secret_access_key=local,
    )
    return Table(client, settings.table_name, patience=WORST_SECONDS)


def _is_here(url: str | None) -> bool:
    return url is not None and urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")
