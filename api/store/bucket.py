"""A bucket of S3 through boto3's client. Only requests for files need it, so that nothing imports it at the start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from api.domain.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS, READ_SECONDS = 1, 5
MISSING = "NoSuchKey"
"""The code of a missing object. Without the permission to list the bucket, S3 answers AccessDenied instead."""


class StoredFile(NamedTuple):
    """An object of the bucket."""

    data: bytes
    metadata: Mapping[str, str]


class Bucket:
    """A bucket.

    Args:
        client: boto3's client.
        name: the name of the bucket.
    """

    def __init__(self, client: S3Client, name: str) -> None:
        self._client, self._name = client, name

    def presign_upload(
        self, key: str, fields: Mapping[str, str], largest: int, seconds: int
    ) -> tuple[str, Mapping[str, str]]:
        """Return the URL and the fields of a form that uploads an object. No request is sent.

        Args:
            key: the key of the object.
            fields: the fields that the form must have, such as the media type.
            largest: the largest size of the object in bytes.
            seconds: how long the form is valid.

        Raises:
            Unavailable: boto3 has no credentials.
        """
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        conditions.append(["content-length-range", 0, largest])
        with _errors():
            form = self._client.generate_presigned_post(
                self._name, key, Fields=dict(fields), Conditions=conditions, ExpiresIn=seconds
            )
        return form["url"], form["fields"]

    def read(self, key: str) -> StoredFile | None:
        """Return an object, or None."""
        try:
            with _errors():
                response = self._client.get_object(Bucket=self._name, Key=key)
                return StoredFile(response["Body"].read(), response["Metadata"])
        except Unavailable as error:
            if isinstance(error.__cause__, ClientError) and error.__cause__.response["Error"]["Code"] == MISSING:
                return None
            raise

    def write(self, key: str, data: bytes, media: str) -> None:
        """Store an object."""
        with _errors():
            self._client.put_object(Bucket=self._name, Key=key, Body=data, ContentType=media)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects, if they exist; at most a thousand."""
        objects: Any = [{"Key": key} for key in keys]
        with _errors():
            response = self._client.delete_objects(Bucket=self._name, Delete={"Objects": objects, "Quiet": True})
        if errors := response.get("Errors"):
            raise Unavailable("The files cannot be deleted now.") from ValueError(str(errors[0]))


@contextmanager
def _errors() -> Iterator[None]:
    """Raise Unavailable in place of an error of boto3."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable("The files are not available now. Please try again.") from error


def make_bucket(name: str, region: str) -> Bucket:
    """Return a bucket with a new client of boto3. Threads may share it."""
    return Bucket(boto3.Session(region_name=region).client("s3", config=client_config()), name)


def client_config() -> Config:
    """Return the configuration of a client of S3."""
    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        # All calls may be repeated: a key is never written with other bytes.
        retries={"mode": "standard", "total_max_attempts": 3},
        # A form for the global endpoint would be redirected, and a browser does not send a file twice.
        signature_version="s3v4",
        s3={"addressing_style": "virtual"},
    )
