"""Upload photos to a stage as a browser does, with the signed form of the API."""

from __future__ import annotations

import time
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from PIL import Image
from urllib3 import encode_multipart_formdata

from tools.deploy.smoke import fetch
from tools.rehearsal.environment import Environment, expect

SECONDS = 60.0
POLL_SECONDS = 0.2
CAT = "/cats/luna"


def jpeg(width: int = 2400, height: int = 1600) -> bytes:
    """Return a picture, with a place in its metadata."""
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 2.5)})
    file = BytesIO()
    Image.new("RGB", (width, height), (200, 120, 40)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def start(stage: Environment, data: bytes, path: str = CAT) -> dict[str, Any]:
    """Request an upload of a JPEG for an entity, and return it with its form."""
    body = {"alt": "Luna sleeps", "type": "image/jpeg", "size": len(data)}
    response = stage.request("POST", f"{path}/photos", body)
    expect(response.status == 201, f"POST {path}/photos is {response.status}.")
    return dict(response.json)


def send(form: Mapping[str, Any], data: bytes, **changes: str) -> int:
    """Send a form with a file, with some fields changed, and return the status."""
    fields = [*(dict(form["fields"]) | changes).items(), ("file", ("luna.jpg", data, "image/jpeg"))]
    body, content_type = encode_multipart_formdata(fields)
    return fetch(form["url"], "POST", body, {"Content-Type": content_type}).status


def wait_until_processed(stage: Environment, path: str) -> dict[str, Any]:
    """Wait until a photo is ready or refused, and return it."""
    deadline = time.monotonic() + SECONDS
    while (photo := stage.request("GET", path).json)["state"] == "pending":
        expect(time.monotonic() < deadline, f"The photo is not processed after {SECONDS:g} seconds.")
        time.sleep(POLL_SECONDS)
    return dict(photo)


def upload(stage: Environment, data: bytes, path: str = CAT) -> dict[str, Any]:
    """Upload a file, and return the photo when it is processed."""
    photo = start(stage, data, path)
    status = send(photo["upload"], data)
    expect(status == 204, f"The upload is {status}.")
    return wait_until_processed(stage, f"{path}/photos/{photo['id']}")
