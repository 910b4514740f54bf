"""The bucket of the photos, through boto3's client of S3. Only requests for photos and the photo function import it.

``uploads/<id>`` is what was uploaded. The bucket deletes it after a day. ``photos/<id>/<width>.webp`` is a file of a
photo.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from api.domain.errors import Unavailable
from api.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_SECONDS, READ_SECONDS = 1, 5
ENTITY = "entity"
"""The metadata of an upload that says to which entity its photo belongs. The form has it, signed."""
MISSING = frozenset({"404", "NoSuchKey"})


class UploadedFile(NamedTuple):
    """An uploaded file, and the entity that its photo belongs to."""

    data: bytes
    entity: str


class PhotoBucket:
    """The bucket of the photos.

    Args:
        client: boto3's client.
        name: the name of the bucket.
    """

    def __init__(self, client: S3Client, name: str) -> None:
        self._client, self._name = client, name

    def presign_upload(
        self, id: str, entity: str, media: str, largest: int, seconds: int, redirect: str | None = None
    ) -> tuple[str, Mapping[str, str]]:
        """Return the URL and the fields of a form that uploads a file. No request is sent.

        Args:
            id: the id of the upload.
            entity: the ``entity_key`` of the entity.
            media: the media type of the file.
            largest: its largest size in bytes.
            seconds: how long the form is valid.
            redirect: the URL to which S3 redirects a browser after the upload.

        Raises:
            Unavailable: boto3 has no credentials.
        """
        fields = {"Content-Type": media, f"x-amz-meta-{ENTITY}": entity}
        fields |= {"success_action_redirect": redirect} if redirect else {}
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        conditions.append(["content-length-range", 1, largest])
        with _errors():
            form = self._client.generate_presigned_post(
                self._name, f"uploads/{id}", Fields=fields, Conditions=conditions, ExpiresIn=seconds
            )
        return form["url"], form["fields"]

    def read_upload(self, id: str) -> UploadedFile | None:
        """Return an uploaded file, or None."""
        return self._get(f"uploads/{id}")

    def delete_upload(self, id: str) -> None:
        """Delete an uploaded file, if it exists."""
        with _errors():
            self._client.delete_object(Bucket=self._name, Key=f"uploads/{id}")

    def write_file(self, name: str, data: bytes) -> None:
        """Store a file of a photo. Its name is one of ``file_names``."""
        with _errors():
            self._client.put_object(Bucket=self._name, Key=f"photos/{name}", Body=data, ContentType="image/webp")

    def read_file(self, name: str) -> bytes | None:
        """Return a file of a photo, or None."""
        found = self._get(f"photos/{name}")
        return found and found.data

    def delete_files(self, names: Sequence[str]) -> None:
        """Delete files of photos, if they exist; at most a thousand."""
        objects: Any = [{"Key": f"photos/{name}"} for name in names]
        with _errors():
            response = self._client.delete_objects(Bucket=self._name, Delete={"Objects": objects, "Quiet": True})
        if errors := response.get("Errors"):
            raise Unavailable("The photos cannot be deleted now.") from ValueError(str(errors[0]))

    def _get(self, key: str) -> UploadedFile | None:
        try:
            with _errors():
                response = self._client.get_object(Bucket=self._name, Key=key)
                return UploadedFile(response["Body"].read(), response["Metadata"].get(ENTITY, ""))
        except Unavailable as error:
            if isinstance(error.__cause__, ClientError) and error.__cause__.response["Error"]["Code"] in MISSING:
                return None
            raise


@contextmanager
def _errors() -> Iterator[None]:
    """Raise Unavailable in place of an error of boto3."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise Unavailable("The photos are not available now. Please try again.") from error


def make_bucket(settings: Settings) -> PhotoBucket:
    """Return the bucket of the settings, with boto3's client. Threads may share it."""
    client = boto3.Session(region_name=settings.region).client("s3", config=client_config())
    return PhotoBucket(client, str(settings.photo_bucket))


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
