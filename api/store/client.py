"""Finds DynamoDB: where it is, with which credentials it is asked, and who vouches for it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from api.domain.errors import Unavailable
from api.settings import Settings, SettingsError
from api.store.line import Line
from api.store.sigv4 import Key, Signer
from api.store.table import Table
from api.store.wire import WORST_SECONDS, Wire

DOMAINS = {"cn": "amazonaws.com.cn", "eusc": "amazonaws.eu"}
"""The domains of AWS's partitions, by what the names of their regions begin with; of all others it is amazonaws.com."""
HERE = ("127.0.0.1", "localhost", "::1")


def connect(settings: Settings) -> Table:
    """Return the table that the settings name. Nothing is sent yet.

    Raises:
        SettingsError: the deadline leaves no time for a single call, or there are no credentials.
    """
    if settings.deadline_seconds <= WORST_SECONDS:
        raise SettingsError(
            f"DEADLINE_SECONDS: Expected more than {WORST_SECONDS}, what one call can take at its worst."
        )
    return Table(wire(settings).call, settings.table_name, patience=WORST_SECONDS)


def wire(settings: Settings) -> Wire:
    """Return the wire to the DynamoDB that the settings name; one for all threads of a process.

    Raises:
        SettingsError: there are no credentials.
    """
    url = urlsplit(settings.dynamodb_url or endpoint(settings.region))
    signer = Signer(url.netloc, url.path or "/", settings.region, "dynamodb", credentials(settings))
    return Wire(Line(url, _trusted()), signer)


def endpoint(region: str) -> str:
    """Return where DynamoDB is in a region (https://docs.aws.amazon.com/general/latest/gr/ddb.html)."""
    return f"https://dynamodb.{region}.{DOMAINS.get(region.partition('-')[0], 'amazonaws.com')}"


def credentials(settings: Settings) -> Callable[[], Key]:
    """Return what gives the credentials of the moment.

    Lambda puts them into the environment, for as long as the process lives. Wherever else they may come from, such as
    a profile, a container, or a snapshot of a function, boto3 knows; it is not imported for less.

    Raises:
        SettingsError: there are none.
    """
    if settings.aws_access_key_id and settings.aws_secret_access_key:
        given = Key(settings.aws_access_key_id, settings.aws_secret_access_key, settings.aws_session_token)
        return lambda: given
    if settings.dynamodb_url and urlsplit(settings.dynamodb_url).hostname in HERE:
        nobody = Key("local", "local")  # an engine on this machine asks for none, but wants a signature
        return lambda: nobody
    return _of_boto3(settings.region)


def _of_boto3(region: str) -> Callable[[], Key]:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        found = boto3.Session(region_name=region).get_credentials()
    except BotoCoreError as error:
        raise SettingsError(f"There are no credentials of AWS: {error}") from error
    if found is None:
        raise SettingsError("AWS_ACCESS_KEY_ID: Expected the credentials of AWS, here or where boto3 looks for them.")

    def of_the_moment() -> Key:
        try:
            # A Key in all but name.
            return cast(Key, found.get_frozen_credentials())
        except (BotoCoreError, RuntimeError) as error:  # they have ended, and there are no new ones
            raise Unavailable("The store does not answer; please try again.") from error

    return of_the_moment


def _trusted() -> Path:
    """Return the certificates that AWS's own client trusts; they come with it, and it need not be imported for them."""
    spec = find_spec("botocore")
    if spec is None or spec.origin is None:
        raise SettingsError("botocore is not installed, and with it the certificates of those who vouch for AWS.")
    return Path(spec.origin).parent / "cacert.pem"
