"""The bucket of the development server: its form is checked as S3 checks it, and no acknowledged upload is lost."""

from __future__ import annotations

import os
import signal
from base64 import b64decode, b64encode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from PIL import Image
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from tests.support.dev_server import local_cafe
from tools.local import photos
from tools.local.photos import FolderBucket, UploadForms

SECRET, ID = "k" * 32, "5zB5edvMYwAaobFT"
FIELDS = {"Content-Type": "image/jpeg", "x-amz-meta-entity": "cats/luna"}
FILE = b"x" * 100


def picture(width: int) -> bytes:
    """Return a JPEG."""
    file = BytesIO()
    Image.new("RGB", (width, width // 2), "orange").save(file, "JPEG")
    return file.getvalue()


class Uploader:
    """A client of the form, and what it has uploaded."""

    def __init__(self, folder: Path) -> None:
        self.bucket = FolderBucket(folder, "eu-west-1", SECRET)
        self.processed: list[str] = []
        app = UploadForms(Response("other"), lambda: self.bucket, SECRET, self.processed.append)
        self.client = Client(app)

    def form(self, seconds: int = 900, **fields: str) -> dict[str, Any]:
        """Return the signed fields of a form."""
        return dict(self.bucket.presign_upload(f"uploads/{ID}", FIELDS | fields, 100, seconds)[1])

    def send(self, form: dict[str, Any], file: bytes = FILE) -> TestResponse:
        """Send a form with a file."""
        return self.client.post(photos.PATH, data=form | {"file": (BytesIO(file), "luna.jpg")})


@pytest.fixture
def uploader(tmp_path: Path) -> Uploader:
    """Return a client of the form of an empty bucket."""
    return Uploader(tmp_path / "photos")


def test_signed_form_stores_the_file_with_its_metadata(uploader: Uploader) -> None:
    assert uploader.send(uploader.form()).status_code == 204
    assert uploader.bucket.read(f"uploads/{ID}") == (FILE, {"entity": "cats/luna"})
    assert uploader.processed == [ID]
    uploader.bucket.delete([f"uploads/{ID}", f"photos/{ID}/0a-320.webp"])
    assert uploader.bucket.read(f"uploads/{ID}") is None


def test_form_of_a_page_redirects_as_s3_does(uploader: Uploader) -> None:
    form = uploader.form(success_action_redirect="http://localhost/cats/luna?uploaded=1")
    response = uploader.send(form)
    assert response.status_code == 303
    assert response.headers["Location"] == f"http://localhost/cats/luna?uploaded=1&bucket=local&key=uploads%2F{ID}"


def _other_policy(form: dict[str, Any]) -> dict[str, Any]:
    policy = b64decode(form["policy"]).replace(b"100", b"999")
    return form | {"policy": b64encode(policy).decode()}


@pytest.mark.parametrize(
    ("change", "file", "status", "code"),
    [
        (lambda form: form, FILE + b"x", 400, "EntityTooLarge"),
        (lambda form: form | {"key": "uploads/other"}, FILE, 403, "AccessDenied"),
        (lambda form: form | {"Content-Type": "text/html"}, FILE, 403, "AccessDenied"),
        (lambda form: form | {"x-amz-meta-entity": "cats/tom"}, FILE, 403, "AccessDenied"),
        (lambda form: form | {"acl": "public-read"}, FILE, 403, "AccessDenied"),
        (_other_policy, FILE, 403, "SignatureDoesNotMatch"),
        (lambda form: form | {"x-amz-signature": "0" * 64}, FILE, 403, "SignatureDoesNotMatch"),
        (lambda _form: {}, FILE, 403, "SignatureDoesNotMatch"),
    ],
)
def test_form_that_is_not_the_signed_one_is_refused(
    uploader: Uploader, change: Callable[[dict[str, Any]], dict[str, Any]], file: bytes, status: int, code: str
) -> None:
    response = uploader.send(change(uploader.form()), file)
    assert (response.status_code, f"<Code>{code}</Code>" in response.text) == (status, True), response.text
    assert uploader.bucket.read(f"uploads/{ID}") is None
    assert uploader.processed == []


def test_expired_form_other_methods_and_other_paths(uploader: Uploader) -> None:
    assert "Policy expired" in uploader.send(uploader.form(seconds=-1)).text
    assert uploader.client.get(photos.PATH).status_code == 405
    assert uploader.client.post(photos.PATH, data=uploader.form()).status_code == 400
    body = b"x" * (photos.MAX_UPLOAD_BYTES + photos.MAX_FIELDS_BYTES + 1)
    large = uploader.client.post(photos.PATH, data=body, content_type="multipart/form-data; boundary=x")
    assert "<Code>EntityTooLarge</Code>" in large.text
    assert uploader.processed == []
    assert uploader.client.get("/cats").text == "other"


def test_photo_is_made_on_upload_and_an_acknowledged_upload_survives_kill_9(tmp_path: Path) -> None:
    new = {"alt": "Luna sleeps.", "type": "image/jpeg"}
    with local_cafe(tmp_path) as cafe:
        login = {"username": "owner", "password": cafe.password}
        token = requests.post(f"{cafe.url}/sessions", json=login, timeout=30).json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        made, lost = (
            requests.post(f"{cafe.url}/cats/luna/photos", json=new, headers=headers, timeout=30).json() for _ in "12"
        )
        assert made["upload"]["url"] == f"{cafe.url}{photos.PATH}"
        files = {"file": picture(700)}
        sent = requests.post(made["upload"]["url"], data=made["upload"]["fields"], files=files, timeout=30)
        assert sent.status_code == 204
        (photo,) = requests.get(f"{cafe.url}/cats/luna", timeout=30).json()["photos"]
        assert (photo["id"], photo["width"]) == (made["id"], 700)
        file = requests.get(f"{cafe.url}{photo['files'][0]['href']}", timeout=30)
        assert Image.open(BytesIO(file.content)).size == (320, 160)
        os.kill(cafe.process.pid, signal.SIGKILL)
        cafe.process.wait()
        # The process ended after the upload was stored and before its photo was made.
        bucket = FolderBucket(tmp_path / "photos", "eu-west-1", SECRET)
        bucket.store(f"uploads/{lost['id']}", picture(400), {"entity": "cats/luna"})
    with local_cafe(tmp_path) as cafe:
        found = requests.get(f"{cafe.url}/cats/luna", timeout=30).json()["photos"]
        assert [photo["id"] for photo in found] == [made["id"], lost["id"]]
        assert requests.get(f"{cafe.url}{photo['files'][0]['href']}", timeout=30).content == file.content
