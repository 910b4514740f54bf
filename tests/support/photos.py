"""The bucket of the photos on moto, uploads to it, and a stand-in for what makes the sizes of a photo."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import requests

from api.context import Dependencies
from api.domain.photos import PhotoRefused, PhotoSizes, file_widths
from api.services.photos import process_upload
from api.store.bucket import Bucket, client_config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from tests.support.app import TestApp

BUCKET, REGION = "clowder-photos", "eu-west-1"
DAMAGED = b"damaged"
"""The upload that ``fake_sizes`` refuses."""


@cache
def s3() -> S3Client:
    """Return boto3's client. There is one per process, because creating a client is slow."""
    session = boto3.Session("test", "test", region_name=REGION)
    return session.client("s3", config=client_config())


def photo_bucket() -> Bucket:
    """Return the bucket. It exists after ``create_bucket``; forms to upload need no bucket."""
    return Bucket(s3(), BUCKET)


def create_bucket() -> None:
    """Create the bucket, inside ``mock_aws``, if it does not exist."""
    with suppress(s3().exceptions.BucketAlreadyOwnedByYou):
        s3().create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})


def object_keys() -> list[str]:
    """Return the keys of the objects in the bucket."""
    return [entry["Key"] for entry in s3().list_objects_v2(Bucket=BUCKET).get("Contents", ())]


def files_of(photo_id: str) -> list[int]:
    """Return the widths of the files in the bucket that belong to a photo, ascending."""
    names = (re.fullmatch(rf"photos/{photo_id}/[0-9a-f]+-(\d+)\.webp", key) for key in object_keys())
    return sorted(int(name[1]) for name in names if name)


def fake_sizes(data: bytes) -> PhotoSizes:
    """Return files for an upload of a width: ``b"700"`` is a photo of 700 pixels."""
    if data == DAMAGED:
        raise PhotoRefused("damaged", "The file is damaged.")
    width = int(data)
    return PhotoSizes(width, width // 2, {size: b"RIFF%d of %s" % (size, data) for size in file_widths(width)})


def send_form(form: dict[str, Any], data: bytes) -> int:
    """Upload a file with the form of a new photo, and return the status."""
    response = requests.post(form["url"], data=form["fields"], files={"file": data}, timeout=10, allow_redirects=False)
    return response.status_code


def dependencies(cafe: TestApp) -> Dependencies:
    """Return the dependencies of the photo function."""
    return Dependencies(cafe.settings, cafe.table, cafe.clock, open_bucket=photo_bucket)


def add_photo(cafe: TestApp, path: str, data: bytes = b"200") -> str:
    """Add a photo to the entity at a path, or with ``DAMAGED`` a refused upload, and return its id."""
    create_bucket()
    body = {"alt": "A cat sleeps on the counter.", "type": "image/jpeg"}
    created = cafe.client("owner", "setup owner").post(f"{path}/photos", body)
    assert created.status_code == 201, created.get_data(as_text=True)
    send_form(created.json["upload"], data)
    process_upload(dependencies(cafe), created.json["id"], fake_sizes)
    return str(created.json["id"])
