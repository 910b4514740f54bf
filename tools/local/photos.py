"""The bucket of the development server: a folder, and the form that uploads to it, as S3 does it.

The form is signed and checked as that of S3 (https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html). The
photo is processed before the response, where S3 sends an event. An upload that was not processed is processed at the
next start.
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import threading
from base64 import b64decode
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
from werkzeug.wrappers import Request, Response

from api.context import Dependencies
from api.domain.photos import MAX_UPLOAD_BYTES, upload_key
from api.services.photos import finish_deletions, process_upload
from api.store.bucket import Bucket, StoredFile, client_config

PATH, NAME, KEY_ID = "/.uploads", "local", "local"
"""The path of the form, the name of the bucket, and the id of the key that signs forms."""
META = "x-amz-meta-"
UNSIGNED = frozenset({"policy", "x-amz-signature"})
"""The fields that a policy does not have (besides the file)."""
MAX_FIELDS_BYTES = 64 * 1024

log = logging.getLogger("clowder")
Wsgi = Callable[[dict[str, Any], Any], Iterable[bytes]]


class FolderBucket(Bucket):
    """A bucket in a folder. A file has its metadata as JSON in the first line.

    Args:
        folder: the folder. It is created when the first file is written.
        region: the region in signatures.
        secret: the key that signs forms.
    """

    def __init__(self, folder: Path, region: str, secret: str) -> None:
        client = boto3.Session(KEY_ID, secret, region_name=region).client("s3", config=client_config())
        super().__init__(client, NAME)
        self._folder = folder

    def presign_upload(
        self, key: str, fields: Mapping[str, str], largest: int, seconds: int
    ) -> tuple[str, Mapping[str, str]]:
        """Return the path and the fields of a form that uploads an object."""
        return PATH, super().presign_upload(key, fields, largest, seconds)[1]

    def read(self, key: str) -> StoredFile | None:
        """Return an object, or None."""
        try:
            metadata, _, data = (self._folder / key).read_bytes().partition(b"\n")
        except FileNotFoundError:
            return None
        return StoredFile(data, json.loads(metadata))

    def write(self, key: str, data: bytes, media: str) -> None:  # noqa: ARG002 - all files are WebP
        """Store an object."""
        self.store(key, data, {})

    def store(self, key: str, data: bytes, metadata: Mapping[str, str]) -> None:
        """Store an object with its metadata. It is on the disk when this returns."""
        path = self._folder / key
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}")
        with temporary.open("wb") as file:
            file.write(json.dumps(metadata).encode() + b"\n" + data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        for folder in (path.parent, path.parent.parent):
            _sync(folder)

    def delete(self, keys: Sequence[str]) -> None:
        """Delete objects, if they exist."""
        for key in keys:
            path = self._folder / key
            path.unlink(missing_ok=True)
            with suppress(OSError):  # it has other files, or it does not exist
                path.parent.rmdir()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class PhotoProcessing:
    """What the photo function does, in this process, for one upload at a time."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies
        self._lock = threading.Lock()

    def process(self, id: str) -> None:
        """Make the photo of an upload. After an error, the next start tries again."""
        from api.imaging.sizes import make_sizes  # the import is slow

        try:
            with self._lock:
                process_upload(self._dependencies, id, make_sizes)
        except Exception:
            log.exception("photo not processed")

    def resume(self, folder: Path) -> None:
        """Finish what an earlier process did not, with a bucket in a folder."""
        for path in sorted(folder.glob(upload_key("[!.]*"))):
            self.process(path.name)
        finish_deletions(self._dependencies)


class UploadForms:
    """WSGI middleware that receives the uploads.

    Args:
        app: the application for all other paths.
        bucket: the bucket.
        secret: the key that signs forms.
        process: makes the photo of an upload.
    """

    def __init__(
        self, app: Wsgi, bucket: Callable[[], FolderBucket], secret: str, process: Callable[[str], None]
    ) -> None:
        self._app, self._bucket, self._secret, self._process = app, bucket, secret, process

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Store an upload, process it and respond, or call the application."""
        if environ["PATH_INFO"] != PATH:
            return self._app(environ, start_response)
        with Request(environ) as request:
            response = self._respond(request)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        if request.method != "POST":
            return _error(405, "MethodNotAllowed", "Send a POST with the fields of a form.")
        if (request.content_length or 0) > MAX_UPLOAD_BYTES + MAX_FIELDS_BYTES:
            return _error(400, "EntityTooLarge", f"The file has more than {MAX_UPLOAD_BYTES} bytes.")
        if "file" not in request.files:
            return _error(400, "InvalidArgument", "POST requires exactly one file upload per request.")
        form, data = request.form.to_dict(), request.files["file"].read()
        if refused := check_form(form, len(data), self._secret, datetime.now(UTC)):
            return refused
        key = form["key"]
        metadata = {name.removeprefix(META): value for name, value in form.items() if name.startswith(META)}
        self._bucket().store(key, data, metadata)
        self._process(key.rpartition("/")[2])
        redirect = form.get("success_action_redirect")
        if redirect is None:
            return Response(status=204)
        query = urlencode({"bucket": NAME, "key": key})
        return Response(status=303, headers={"Location": f"{redirect}{'&' if '?' in redirect else '?'}{query}"})


def check_form(form: Mapping[str, str], size: int, secret: str, now: datetime) -> Response | None:
    """Return the refusal of a form, as S3 refuses it; None if its signature and its policy allow the upload.

    Args:
        form: the fields.
        size: the size of the file in bytes.
        secret: the key that signs forms.
        now: the current time.
    """
    scope = form.get("x-amz-credential", "").split("/")[1:]
    encoded = form.get("policy", "")
    expected = hmac.digest(reduce(_derive, scope, f"AWS4{secret}".encode()), encoded.encode(), "sha256").hex()
    if not hmac.compare_digest(expected, form.get("x-amz-signature", "").encode("ascii", "replace").decode()):
        return _error(403, "SignatureDoesNotMatch", "The signature is not that of the policy.")
    policy = json.loads(b64decode(encoded))
    if datetime.fromisoformat(policy["expiration"]) <= now:
        return _error(403, "AccessDenied", "Invalid according to Policy: Policy expired.")
    allowed: dict[str, str] = {}
    for condition in policy["conditions"]:
        if isinstance(condition, dict):
            allowed |= condition
        elif not condition[1] <= size <= condition[2]:
            code = "EntityTooLarge" if size > condition[2] else "EntityTooSmall"
            return _error(400, code, f"The file has {size} bytes. It may have {condition[1]} to {condition[2]}.")
    if {**form, "bucket": NAME} != allowed | {name: form[name] for name in UNSIGNED}:
        return _error(403, "AccessDenied", "Invalid according to Policy: a field is missing, extra or different.")
    return None


def _derive(key: bytes, part: str) -> bytes:
    return hmac.digest(key, part.encode(), "sha256")


def _error(status: int, code: str, message: str) -> Response:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(body, status, content_type="application/xml")
