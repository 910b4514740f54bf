"""Photos: the photos of an entity, the uploads that are not finished, and what makes the files of an upload.

A finished photo is a part of its entity, so that a list of entities needs no more reads. Its first photo is the one on
its card. An upload is an entry of a list beside the entity until its files are made, for at most a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any, Literal
from urllib.parse import quote, unquote

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from api.domain.entity import ApiStruct, Timestamp, WriteContext, project

WIDTHS = (320, 960, 1920)
"""The widths of the files of a photo, in pixels."""
MAX_UPLOAD_BYTES = 8 * 1024 * 1024
TOO_LARGE = f"The file is larger than {MAX_UPLOAD_BYTES >> 20} MB. Choose a smaller one."
MAX_FILE_BYTES = 4 * 1024 * 1024
"""The largest file of a photo. A response of Lambda has at most 6 MB, and base64 adds a third."""
UPLOAD_LIFETIME = timedelta(days=1)
"""How long an upload that is not finished, or is refused, stays in the list."""
FORM_LIFETIME = timedelta(minutes=15)
"""How long a file can be uploaded."""
MAX_UPLOADS = 10
"""The most uploads of an entity that are not finished, and the most refused ones that are listed."""
SITE = "site"  # the collection of the only site, so that its URLs and ids have no key; its photo is the logo
ENTITY_METADATA = "entity"
"""The metadata of an uploaded file: the ``entity_key`` of its entity. The form has it, signed."""

ImageType = Literal["image/jpeg", "image/png", "image/webp"]
Shade = Literal["dark", "light"]
PhotoState = Literal["ready", "pending", "refused"]
RefusalCode = Literal[
    "animated", "bad_dimensions", "damaged", "empty", "extra_data", "too_large", "too_many", "too_many_pixels",
    "wrong_type",
]  # fmt: skip
"""Why an upload is refused. ``extra_data`` is a picture that is also a page, a document or an archive."""
Alt = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=250,
        description="What the photo shows, for people who do not see it. Not blank.",
        examples=["Luna sleeps on the counter"],
        extra_json_schema={"pattern": r"\S"},
    ),
]


class Refusal(ApiStruct, frozen=True):
    """The reason why an upload is refused."""

    code: RefusalCode
    detail: str
    """One sentence for people."""


class PhotoRefused(Exception):
    """An upload is not a photo that we accept."""

    def __init__(self, code: RefusalCode, detail: str) -> None:
        super().__init__(detail)
        self.refusal = Refusal(code, detail)


class PhotoSizes(Struct, frozen=True):
    """The files of a photo, without metadata."""

    width: int
    """The width of the upload in pixels, after the rotation that its metadata asks for."""
    height: int
    files: Mapping[int, bytes]
    """The WebP file of each width of ``file_widths``; each at most ``MAX_FILE_BYTES``."""
    shade: Shade | None = None
    """See ``Photo``."""


class CreatePhoto(ApiStruct, frozen=True):
    """The body of ``POST /cats/{name}/photos``."""

    alt: Alt
    type: ImageType
    """The media type of the file."""
    size: Annotated[int, Meta(ge=1, le=MAX_UPLOAD_BYTES, description="In bytes.")] | None = None
    """The size of the file. If it is sent, a larger file cannot be uploaded."""


class ReplacePhoto(ApiStruct, frozen=True):
    """The body of ``PATCH /cats/{name}/photos/{id}``."""

    alt: Alt
    position: Annotated[int, Meta(ge=1, description="The first photo is the one on the card.")]


class Photo(ApiStruct, frozen=True, omit_defaults=True):
    """A stored photo of an entity."""

    id: str
    alt: str
    width: int
    height: int
    widths: tuple[int, ...]
    """The widths of its files, ascending."""
    digest: str
    """The digest of its files. Their names contain it, because a form can upload more than one file."""
    shade: Shade | None = None
    """The shade of a picture with transparent parts, if it cannot be seen on a ground of that shade."""


class Upload(ApiStruct, frozen=True, omit_defaults=True):
    """An upload that is not finished, or that was refused."""

    id: str
    alt: str
    by: str
    """The uid of the user."""
    type: ImageType
    expires: Timestamp
    size: int | None = None
    refusal: Refusal | None = None


class Uploads(ApiStruct, frozen=True):
    """The uploads of an entity. There is one item for each entity that has some."""

    key: str
    """See ``entity_key``."""
    uploads: tuple[Upload, ...]


class PhotoDeletion(ApiStruct, frozen=True):
    """Files to delete, unless the entity has their photo. It is written before they lose their photo or get one."""

    id: str
    entity: str
    """See ``entity_key``."""
    files: tuple[str, ...]
    """See ``file_keys``."""
    at: Timestamp
    """From when the files may be deleted."""


class PhotoFile(ApiStruct, frozen=True):
    """A file of a photo, in WebP."""

    width: int
    href: str
    """The URL. Its content never changes."""


class PhotoView(ApiStruct, frozen=True, kw_only=True):
    """A photo as the public sees it."""

    id: str
    alt: Alt
    width: int
    """The width of the photo that was uploaded, in pixels."""
    height: int
    files: tuple[PhotoFile, ...]
    """The files, ascending by width: 320, 960 and 1920 pixels. A photo is never enlarged."""


class StaffPhoto(ApiStruct, frozen=True, kw_only=True):
    """A photo or an upload as the staff sees it."""

    id: str
    alt: Alt
    width: int | None
    """Null until the photo is ready."""
    height: int | None
    files: tuple[PhotoFile, ...]
    """The files, ascending by width. Empty until the photo is ready."""
    state: PhotoState
    """Pending until the file is uploaded and its sizes are made. A refused upload never becomes ready."""
    position: int | None
    """The position among the photos, from 1. Null until the photo is ready."""
    refusal: Refusal | None
    """Why the upload is refused."""
    expires: Timestamp | None
    """When an upload that is not ready is removed."""


class UploadForm(ApiStruct, frozen=True):
    """Where and how to upload the file: a POST of ``multipart/form-data`` with these fields and then ``file``."""

    url: str
    fields: dict[str, str]
    expires: Timestamp


class NewPhoto(StaffPhoto, frozen=True, kw_only=True):
    """A new photo, which has no file yet."""

    upload: UploadForm


def file_widths(width: int) -> tuple[int, ...]:
    """Return the widths of the files of a photo, ascending. A photo is never enlarged.

    A photo of 3000 pixels has files of 320, 960 and 1920; one of 700 has 320 and 700; one of 200 has 200.

    Args:
        width: the width of the upload in pixels, rotated.
    """
    return (*(size for size in WIDTHS if size < width), width) if width < WIDTHS[-1] else WIDTHS


def entity_key(collection: str, key: str) -> str:
    """Return the id of an entity: its collection and its key, or ``site``. It is ASCII, and a part of a URL path."""
    return SITE if collection == SITE else f"{collection}/{quote(key, safe='')}"


def parse_entity_key(entity: str) -> tuple[str, str]:
    """Return the collection and the key of an ``entity_key``. For the site, both are ``site``."""
    collection, _, key = entity.partition("/")
    return collection, unquote(key) or collection


def upload_key(id: str) -> str:
    """Return the key of an uploaded file in the bucket. The bucket deletes it after a day."""
    return f"uploads/{id}"


def file_keys(photo: Photo) -> tuple[str, ...]:
    """Return the keys of the files of a photo in the bucket, in the order of their widths."""
    return tuple(f"photos/{photo.id}/{photo.digest}-{width}.webp" for width in photo.widths)


def make_photo(id: str, sizes: PhotoSizes) -> Photo:
    """Return a photo with its files. It has no alternative text yet."""
    widths, digest = tuple(sorted(sizes.files)), blake2b(digest_size=12)
    for width in widths:
        digest.update(sizes.files[width])
    return Photo(id, "", sizes.width, sizes.height, widths, digest.hexdigest(), sizes.shade)


def deletion_of(entity: str, before: Any, after: Any, write: WriteContext) -> PhotoDeletion | None:
    """Return the deletion of the files of photos that an entity has before a change, and not after it.

    Args:
        entity: the ``entity_key`` of the entity.
        before: the entity before the change.
        after: None if it is deleted.
        write: the change.
    """
    left = {photo.id for photo in after.photos} if after else set()
    gone = [photo for photo in before.photos if photo.id not in left]
    files = tuple(name for photo in gone for name in file_keys(photo))
    return PhotoDeletion(write.id, entity, files, write.at) if files else None


def photo_views(photos: Sequence[Photo], entity: str, root: str) -> tuple[PhotoView, ...]:
    """Return photos as the public sees them.

    Args:
        photos: the photos of an entity.
        entity: the ``entity_key`` of the entity.
        root: the path before the paths of the API.
    """
    return tuple(_photo_view(photo, f"{root}/{entity}/photos/{photo.id}") for photo in photos)


def _photo_view(photo: Photo, url: str) -> PhotoView:
    files = tuple(PhotoFile(width, f"{url}/{width}.webp") for width in photo.widths)
    return PhotoView(id=photo.id, alt=photo.alt, width=photo.width, height=photo.height, files=files)


def ready_view(view: PhotoView, position: int) -> StaffPhoto:
    """Return a photo as the staff sees it."""
    return project(StaffPhoto, view, state="ready", position=position, refusal=None, expires=None)


def upload_view(upload: Upload) -> StaffPhoto:
    """Return an upload as the staff sees it."""
    state: PhotoState = "refused" if upload.refusal else "pending"
    return project(StaffPhoto, upload, width=None, height=None, files=(), state=state, position=None)


def tag_of(*parts: Any) -> str:
    """Return the version of a photo or an upload, which has no version of its own: a digest of what it has."""
    return blake2b(msgspec.json.encode(parts), digest_size=12).hexdigest()


def unexpired(uploads: Sequence[Upload], now: datetime) -> tuple[Upload, ...]:
    """Return the uploads that are still listed."""
    return tuple(upload for upload in uploads if upload.expires > now)


def with_refusal(uploads: Sequence[Upload], id: str, refusal: Refusal) -> tuple[Upload, ...]:
    """Return uploads of which one is refused. Only the last refused ones stay."""
    changed = [replace(upload, refusal=refusal) if upload.id == id else upload for upload in uploads]
    surplus = [upload.id for upload in changed if upload.refusal and upload.id != id][: -(MAX_UPLOADS - 1)]
    return tuple(upload for upload in changed if upload.id not in surplus)
