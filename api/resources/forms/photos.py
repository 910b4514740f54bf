"""Forms of photos: add one, change its text and position, delete it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct

from api.context import Context
from api.domain.errors import FieldError, InvalidState, NotFound, ValidationFailed
from api.domain.photos import CreatePhoto, ReplacePhoto, StaffPhoto
from api.http.forms import Submission
from api.http.preconditions import check_rev
from api.http.resource import RequestContext
from api.http.validation import convert_partial
from api.resources.forms.form import Form
from api.services.albums import (
    ALBUMS,
    Album,
    Found,
    change_photo,
    delete_photo,
    find_photos,
    get_photo,
    plan_upload,
)
from api.services.entity_service import Submitted
from api.store.transaction import retry_on_conflict
from api.web.forms import fields, photos
from api.web.forms.fields import Section
from api.web.pages.form import FormPage
from api.web.pages.photos import SINGULAR

UPLOAD_TYPE = "image/jpeg"
"""The media type that the form of a page declares, before the file is chosen. The first bytes of the file decide."""


class PhotoForms(Struct, frozen=True):
    """The forms of the photos of the entities of one collection."""

    collection: str

    @property
    def album(self) -> Album:
        """The album of the collection."""
        return ALBUMS[self.collection]

    def new(self) -> Form:
        """Return the form that adds a photo to the entity in its URL."""
        return Form(role="staff", load=self._load_new, save=self._save_new)

    def edit(self) -> Form:
        """Return the form that changes or deletes a photo. The key in its URL is ``luna:ID``."""
        return Form(role="staff", load=self._load, save=self._save)

    def _load_new(self, request: RequestContext, key: str | None) -> FormPage:
        found = self._find(request.context, key)
        return FormPage(
            title="Add a photo",
            submit="Choose the file",
            back=self._back(found),
            sections=photos.NEW,
            texts={"alt": [""]},
            is_new=True,
        )

    def _save_new(self, request: RequestContext, key: str | None, sent: Submission) -> str:
        table, body = request.context.dependencies.table, {"type": UPLOAD_TYPE}

        def attempt() -> str:
            found = self._find(request.context, key)
            data, errors = fields.apply((photos.ALT,), sent.texts, body, request.context.dependencies.settings.zone)
            value, others = convert_partial(data, CreatePhoto)
            upload, rev, writes = plan_upload(request.context, found, Submitted(value, [*errors, *others]))
            table.transact(writes, rev)
            return f"/{found.key}/photos/{upload.id}"

        return _as_field_error(lambda: retry_on_conflict(attempt))

    def _load(self, request: RequestContext, key: str | None) -> FormPage:
        found, photo_id = self._find_photo(request.context, key)
        view, rev = get_photo(request.context, found, photo_id)
        if not isinstance(view, StaffPhoto):
            raise NotFound
        shown = self._sections(found, view)
        return FormPage(
            title="Change the photo",
            submit="Save the photo",
            back=self._back(found),
            sections=shown,
            texts={"alt": [view.alt], "position": [str(view.position or "")]},
            is_new=False,
            rev=rev,
            delete="Delete the photo",
        )

    def _save(self, request: RequestContext, key: str | None, sent: Submission) -> str:
        context = request.context
        found, photo_id = self._find_photo(context, key)
        if sent.action == "delete":
            entity = self.album.service.repository.key(found.record.value)
            delete_photo(context, self.album, entity, photo_id, lambda current: check_rev(sent.rev, current))
            return f"/{found.key}/photos"

        def make_body(target: ReplacePhoto, view: StaffPhoto) -> Submitted[ReplacePhoto]:
            shown = fields.all_fields(self._sections(found, view), is_new=False)
            data, errors = fields.apply(
                shown, sent.texts, msgspec.to_builtins(target), context.dependencies.settings.zone
            )
            value, others = convert_partial(data | {"position": int(data["position"])}, ReplacePhoto)
            return Submitted(value, [*errors, *others])

        def attempt() -> str:
            current = self._find_photo(context, key)[0]
            plan = change_photo(context, current, photo_id, lambda rev: check_rev(sent.rev, rev), make_body)[2]
            context.dependencies.table.transact(plan.writes, plan.rev)
            return f"/{current.key}/photos"

        return _as_field_error(lambda: retry_on_conflict(attempt))

    def _find(self, context: Context, key: str | None) -> Found:
        if key is None:
            raise NotFound
        return find_photos(context, self.album, key)

    def _back(self, found: Found) -> tuple[str, ...]:
        return (self.collection, str(self.album.service.repository.key(found.record.value)), "photos")

    def _find_photo(self, context: Context, key: str | None) -> tuple[Found, str]:
        entity, _, photo_id = (key or "").rpartition(":")
        return self._find(context, entity), photo_id

    def _sections(self, found: Found, view: StaffPhoto) -> tuple[Section, ...]:
        return photos.sections(len(found.photos) if view.position else 0)


def _as_field_error(save: Callable[[], str]) -> str:
    """Return the result of a function. What the state of the photos does not allow is an error of the form."""
    try:
        return save()
    except InvalidState as error:
        raise ValidationFailed(FieldError("not_allowed", error.detail)) from error


FORMS = {
    f"{singular}-{name}": form
    for collection, singular in SINGULAR.items()
    for name, form in (("photos", PhotoForms(collection).new()), ("photo", PhotoForms(collection).edit()))
}
"""``cat-photos`` adds a photo to a cat, ``cat-photo`` changes one; the same for pies and posts."""
