"""The DynamoDB client: boto3's client, one per process, configured for a function with one request at a time.

The table retries calls (``api/store/table.py``), so that no attempt ends after the deadline of its request.
docs/decisions/0021-boto3.md explains each setting.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from api import __version__
from api.settings import Settings, SettingsError
from api.store.table import Table, parse_response_body

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

CONNECT_SECONDS = 1
READ_SECONDS = 2
ATTEMPT_SECONDS = CONNECT_SECONDS + READ_SECONDS
"""The longest time of one attempt to call DynamoDB."""


def open_table(settings: Settings) -> Table:
    """Return the table of the settings. No request is sent yet.

    Raises:
        SettingsError: The deadline is shorter than one attempt, or boto3 finds no credentials.
    """
    if settings.deadline_seconds <= ATTEMPT_SECONDS:
        raise SettingsError(f"DEADLINE_SECONDS: Expected more than {ATTEMPT_SECONDS}, the time-out of one attempt.")
    return Table(make_client(settings), settings.table_name, attempt_seconds=ATTEMPT_SECONDS)


def make_client(settings: Settings) -> DynamoDBClient:
    """Return a boto3 client for the DynamoDB of the settings. Threads may share it.

    Raises:
        SettingsError: boto3 finds no credentials, or cannot use its configuration.
    """
    # A local DynamoDB ignores credentials, but botocore signs every request. Real keys must not be sent to it.
    try:
        local_key = "local" if is_loopback(settings.dynamodb_url) else None
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            # The table retries. The mode "legacy" is the only one that compares the CRC32 checksum of a response.
            retries={"mode": "legacy", "total_max_attempts": 1},
            # Without a fixed user agent, botocore builds the string twice for each call.
            user_agent=f"clowder/{__version__}",
            # The table builds every request itself, and the tests send each of them to DynamoDB's validation.
            parameter_validation=False,
            max_pool_connections=16,
            # None means the proxy of the environment, which cannot reach this machine.
            proxies={} if local_key else None,
        )
        session = boto3.Session(local_key, local_key, region_name=settings.region)
        client = session.client("dynamodb", endpoint_url=settings.dynamodb_url, config=config)
        credentials = session.get_credentials()
    except (BotoCoreError, ValueError) as error:
        raise SettingsError(f"boto3 cannot use its configuration: {error}") from error
    if credentials is None:
        raise SettingsError("AWS_ACCESS_KEY_ID: Expected AWS credentials, here or in another place where boto3 looks.")
    client.meta.events.register("before-parse.dynamodb", parse_response_body)
    return client


def is_loopback(url: str | None) -> bool:
    """Return whether the host of a URL is this machine.

    Raises:
        ValueError: The URL is not well-formed.
    """
    host = urlsplit(url or "").hostname
    if host in (None, "localhost"):
        return host is not None
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
