"""The photos of entities: list, upload, change and delete them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from api.context import Context
from api.domain import albums, names, photos
from api.domain.entity import next_version
from api.domain.errors import FieldError, InvalidState, NotFound, ValidationFailed
from api.domain.photos import (
    CreatePhoto,
    NewPhoto,
    Photo,
    PhotoDeletion,
    PhotoView,
    ReplacePhoto,
    StaffPhoto,
    Upload,
    UploadForm,
    Uploads,
    entity_key,
    file_keys,
)
from api.services.cats import CATS
from api.services.entity_service import EntityService, Plan, Precondition, Submitted
from api.services.mappings import UPLOADS
from api.services.photo_files import finish_deletion
from api.services.pies import PIES
from api.services.posts import POSTS
from api.services.site import SITE
from api.store.repository import Stored
from api.store.transaction import Write, retry_on_conflict

Body = TypeVar("Body", bound=Struct)


class Album(Struct, frozen=True):
    """The photos of the entities of one type."""

    service: EntityService[Any, Any, Any, Any, Any]
    limit: int
    """See ``AlbumRules``."""


SERVICES: tuple[EntityService[Any, Any, Any, Any, Any], ...] = (CATS, PIES, POSTS, SITE)
ALBUMS = {
    service.repository.collection: Album(service, albums.ALBUM_RULES[service.repository.collection].limit)
    for service in SERVICES
}
"""The albums, by collection."""


class Found(Struct, frozen=True):
    """An entity with its photos and, for the staff, its uploads."""

    album: Album
    record: Stored[Any]
    stored_uploads: Stored[Uploads] | None
    uploads: tuple[Upload, ...]

    @property
    def key(self) -> str:
        """The ``entity_key`` of the entity."""
        repository = self.album.service.repository
        return entity_key(repository.collection, repository.key(self.record.value))

    @property
    def photos(self) -> tuple[Photo, ...]:
        """The photos."""
        current: tuple[Photo, ...] = self.record.value.photos
        return current

    def upload_writes(self, uploads: Sequence[Upload], rev: str) -> list[Write]:
        """Return the write of the uploads."""
        before, key = self.stored_uploads, self.key
        if not uploads:
            return [UPLOADS.delete(key, before.rev if before else None)]
        after = Uploads(key, tuple(uploads))
        return [UPLOADS.replace(before, after, rev) if before else UPLOADS.put(after, rev, None)]


def find_photos(context: Context, album: Album, key: str) -> Found:
    """Return the photos of an entity, with the uploads if the caller may see them.

    Raises:
        NotFound: the entity does not exist for the caller.
    """
    service = album.service
    normalised = service.normalise_key(key)
    found = None if service.key_error(normalised) else _find_at(context, album, key, normalised)
    if found and found.key == entity_key(service.repository.collection, normalised):
        return found
    # Another release may have had other rules for keys: the entity has the key that was sent.
    return _find_at(context, album, key, names.normalise(key))


def _find_at(context: Context, album: Album, key: str, stored_key: str) -> Found:
    """Return the photos of an entity with the uploads of a stored key, which should be the one of the entity."""
    # The uploads are read first. So an upload that is gone is a photo of the entity, or it was deleted.
    entity = entity_key(album.service.repository.collection, stored_key)
    stored = context.get(UPLOADS, entity) if context.full_access else None
    _, record = album.service.find(context, key, consistent=context.private, as_sent=True)
    if record is None:
        raise NotFound
    current = stored.value.uploads if stored else ()
    return Found(album, record, stored, photos.unexpired(current, context.now))


def list_photos(context: Context, found: Found) -> Sequence[PhotoView | StaffPhoto]:
    """Return the photos in order, and for the staff also the uploads that are not finished or were refused."""
    ready = photos.photo_views(found.photos, found.key, context.root)
    if not context.full_access:
        return ready
    views = [photos.ready_view(view, number) for number, view in enumerate(ready, 1)]
    return [*views, *map(photos.upload_view, found.uploads)]


def get_photo(context: Context, found: Found, id: str) -> tuple[PhotoView | StaffPhoto, str]:
    """Return a photo or an upload, and its version.

    Raises:
        NotFound: there is no such photo.
    """
    for view in list_photos(context, found):
        if view.id == id:
            return view, photos.tag_of(view)
    raise NotFound


def read_file(context: Context, album: Album, key: str, id: str, width: int) -> tuple[bytes, bool]:
    """Return a file of a photo, and whether the public may see it.

    Raises:
        NotFound: the entity does not exist for the caller, or it has no such photo.
    """
    _, record = album.service.find(context, key, consistent=context.private, as_sent=True)
    photo = next((photo for photo in record.value.photos if photo.id == id), None) if record else None
    if record is None or photo is None or width not in photo.widths:
        raise NotFound
    file = context.dependencies.open_bucket().read(file_keys(photo)[photo.widths.index(width)])
    if file is None:  # it was deleted after the entity was read
        raise NotFound
    return file.data, album.service.is_visible(context, record.value)


def plan_upload(context: Context, found: Found, submitted: Submitted[CreatePhoto]) -> tuple[Upload, str, list[Write]]:
    """Return a new upload, the id of its write, and the writes of the transaction.

    Raises:
        ValidationFailed: the body is invalid.
        InvalidState: the entity has too many photos or unfinished uploads.
    """
    body = submitted.body
    if errors := [*submitted.errors, *_alt_errors(body.alt)]:
        raise ValidationFailed(*errors)
    limit = found.album.limit
    if limit > 1 and len(found.photos) >= limit:
        raise InvalidState(f"There are {limit} photos, which is the most. Delete one of them first.")
    if sum(upload.refusal is None for upload in found.uploads) >= photos.MAX_UPLOADS:
        raise InvalidState(f"{photos.MAX_UPLOADS} uploads are not finished. Finish or delete one of them first.")
    write = context.write_context()
    upload = Upload(write.id, body.alt, write.by, body.type, write.at + photos.UPLOAD_LIFETIME, body.size)
    check = found.album.service.repository.check(found.record)
    return upload, write.id, [check, *found.upload_writes((*found.uploads, upload), write.id)]


def new_photo(context: Context, upload: Upload, key: str, origin: str, redirect: str | None = None) -> NewPhoto:
    """Return an upload with the form that uploads its file.

    Args:
        context: the context.
        upload: the upload.
        key: the ``entity_key`` of the entity.
        origin: the URL of the API, for a bucket that is a part of the local server.
        redirect: the URL to which a browser is redirected after the upload.

    Raises:
        Unavailable: there is no bucket.
    """
    seconds = int(photos.FORM_LIFETIME.total_seconds())
    fixed = {"Content-Type": upload.type, f"x-amz-meta-{photos.ENTITY_METADATA}": key}
    fixed |= {"success_action_redirect": redirect} if redirect else {}
    url, fields = context.dependencies.open_bucket().presign_upload(
        photos.upload_key(upload.id), fixed, upload.size or photos.MAX_UPLOAD_BYTES, seconds
    )
    form = UploadForm(
        f"{origin}{url}" if url.startswith("/") else url, dict(fields), context.now + photos.FORM_LIFETIME
    )
    view = photos.upload_view(upload)
    return NewPhoto(**{name: getattr(view, name) for name in StaffPhoto.__struct_fields__}, upload=form)


def change_photo(
    context: Context,
    found: Found,
    id: str,
    precondition: Precondition,
    make_body: Callable[[ReplacePhoto, StaffPhoto], Submitted[ReplacePhoto]],
) -> tuple[StaffPhoto | PhotoView, str, Plan[Any]]:
    """Plan the change of the alternative text or of the position of a photo; return the photo and its new version.

    Raises:
        NotFound, InvalidState, ValidationFailed, and the errors of the precondition.
    """
    view, version = get_photo(context, found, id)
    precondition(version)
    index, photo = next(((i, p) for i, p in enumerate(found.photos) if p.id == id), (0, None))
    if photo is None or not isinstance(view, StaffPhoto):
        raise InvalidState("Only a photo that is ready can be changed.")
    submitted = make_body(ReplacePhoto(photo.alt, index + 1), view)
    body = submitted.body
    errors = [*submitted.errors, *_alt_errors(body.alt), *albums.position_errors(body.position, len(found.photos))]
    if errors:
        raise ValidationFailed(*errors)
    after = albums.moved(found.photos, replace(photo, alt=body.alt), body.position)
    changed = replace(found, record=replace(found.record, value=replace(found.record.value, photos=after)))
    return *get_photo(context, changed, id), plan_photos(context, found, after)


def delete_photo(context: Context, album: Album, key: str, id: str, precondition: Precondition) -> None:
    """Delete a photo and its files, or an upload.

    Raises:
        NotFound, and the errors of the precondition.
    """
    dependencies = context.dependencies

    def attempt() -> PhotoDeletion | None:
        found = find_photos(context, album, key)
        precondition(get_photo(context, found, id)[1])
        left = tuple(photo for photo in found.photos if photo.id != id)
        if left != found.photos:
            plan = plan_photos(context, found, left)
            dependencies.table.transact(plan.writes, plan.rev)
            return plan.deletion
        rev = dependencies.new_id()
        uploads = [upload for upload in found.uploads if upload.id != id]
        dependencies.table.transact(found.upload_writes(uploads, rev), rev)
        return None

    if deletion := retry_on_conflict(attempt):
        finish_deletion(dependencies, deletion)


def plan_photos(context: Context, found: Found, after: tuple[Photo, ...]) -> Plan[Any]:
    """Plan the next version of an entity with other photos."""
    service, before = found.album.service, found.record.value
    related = service.load_related(context, before, service.to_body(before))
    write = context.write_context()
    changed = replace(before, photos=after, **next_version(before, write.at))
    return service.plan(context, found.record, changed, "patched", related, write)


def _alt_errors(alt: object) -> list[FieldError]:
    error = names.text_error(alt, "alt") if isinstance(alt, str) else None
    return [error.at("/alt")] if error else []
