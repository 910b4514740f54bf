"""The photo function: make the files of an upload, and add the photo to its entity.

The bucket calls it for each upload, at least once and in any order. The names of the files of a photo contain
a digest of them. So a second run writes the same files again; or files with other names, if the form has uploaded
another file meanwhile, and then it deletes them. The transaction that adds the photo is made once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from api.context import Context, Dependencies, Principal
from api.domain import photos
from api.domain.errors import NotFound
from api.domain.photos import (
    Photo,
    PhotoDeletion,
    PhotoRefused,
    PhotoSizes,
    Refusal,
    Upload,
    file_keys,
    make_photo,
)
from api.services.albums import ALBUMS, Found, find_photos, plan_photos
from api.services.mappings import PHOTO_DELETION
from api.services.photo_files import finish_deletion
from api.services.photo_files import finish_deletions as finish_deletions
from api.store.transaction import UNCONDITIONAL, retry_on_conflict

MAX_DELETIONS = 10
"""The most interrupted deletions that one upload finishes."""
MakeSizes = Callable[[bytes], PhotoSizes]
"""Return the files of an upload. Raises PhotoRefused."""


def process_upload(dependencies: Dependencies, photo_id: str, make_sizes: MakeSizes) -> None:
    """Make the files of the upload ``uploads/{photo_id}`` and add the photo to its entity, or refuse the upload.

    It may run twice for one upload, also at the same time. After an error (Unavailable), it has to run again.
    """
    bucket = dependencies.open_bucket()
    file = bucket.read(photos.upload_key(photo_id))
    if file is not None:
        processing = _Processing(dependencies, file.metadata.get(photos.ENTITY_METADATA, ""), photo_id)
        if processing.upload():
            processing.finish(file.data, make_sizes)
        bucket.delete([photos.upload_key(photo_id)])
    finish_deletions(dependencies, MAX_DELETIONS)


class _Processing(Struct, frozen=True):
    """The entity that an uploaded photo belongs to."""

    dependencies: Dependencies
    key: str
    """Its ``entity_key``."""
    id: str
    """The id of the upload."""

    def upload(self) -> Upload | None:
        """Return the upload, if it still waits for its file and its entity still exists."""
        found = self._find()
        return self._waiting(found) if found else None

    def finish(self, data: bytes, make_sizes: MakeSizes) -> None:
        """Add the photo to the entity, or refuse the upload."""
        try:
            sizes = make_sizes(data)
            if max(map(len, sizes.files.values())) > photos.MAX_FILE_BYTES:
                raise PhotoRefused("too_large", "The photo has too many details for a small file.")
        except PhotoRefused as error:
            self._refuse(error.refusal)
            return
        table, rev = self.dependencies.table, self.dependencies.new_id()
        photo = make_photo(self.id, sizes)
        # An interruption must not leave files behind. No upload is finished after this time.
        at = self.dependencies.clock() + photos.UPLOAD_LIFETIME
        deletion = self._deletion(photo, at)
        table.transact([PHOTO_DELETION.put(deletion, rev, UNCONDITIONAL)], rev)
        for width, key in zip(photo.widths, deletion.files, strict=True):
            self.dependencies.open_bucket().write(key, sizes.files[width], "image/webp")
        gone = retry_on_conflict(lambda: self._add(photo))
        if gone:
            finish_deletion(self.dependencies, gone)

    def _find(self) -> Found | None:
        collection, key = photos.parse_entity_key(self.key)
        now = self.dependencies.clock()
        context = Context(self.dependencies, Principal(role="owner"), now, full_access=True, private=True)
        with suppress(NotFound):
            return find_photos(context, ALBUMS[collection], key) if collection in ALBUMS else None
        return None

    def _waiting(self, found: Found) -> Upload | None:
        return next((upload for upload in found.uploads if upload.id == self.id and not upload.refusal), None)

    def _deletion(self, photo: Photo, at: datetime) -> PhotoDeletion:
        """Return the deletion of the files that a run has made."""
        return PhotoDeletion(f"{photo.id}-{photo.digest}", self.key, file_keys(photo), at)

    def _add(self, photo: Photo) -> PhotoDeletion | None:
        """Add the photo to the entity in one transaction. Return the deletion of files that no photo has now."""
        found = self._find()
        upload = self._waiting(found) if found else None
        files = self._deletion(photo, self.dependencies.clock())
        if found is None or upload is None:
            is_added = found is not None and any(file_keys(added) == files.files for added in found.photos)
            return None if is_added else files
        if found.album.limit > 1 and len(found.photos) >= found.album.limit:
            detail = f"There are {found.album.limit} photos already, which is the most."
            self._refuse(Refusal("too_many", detail))
            return files
        context = Context(self.dependencies, Principal(uid=upload.by), self.dependencies.clock(), full_access=True)
        before = found.photos if found.album.limit > 1 else ()
        plan = plan_photos(context, found, (*before, replace(photo, alt=upload.alt)))
        uploads = [other for other in found.uploads if other.id != self.id]
        writes = [*plan.writes, *found.upload_writes(uploads, plan.rev), PHOTO_DELETION.delete(files.id, UNCONDITIONAL)]
        self.dependencies.table.transact(writes, plan.rev)
        return plan.deletion

    def _refuse(self, refusal: Refusal) -> None:
        """Store why the upload is refused, if it still waits for its file."""

        def attempt() -> None:
            found, rev = self._find(), self.dependencies.new_id()
            if found and self._waiting(found):
                uploads = photos.with_refusal(found.uploads, self.id, refusal)
                self.dependencies.table.transact(found.upload_writes(uploads, rev), rev)

        retry_on_conflict(attempt)
