"""Forms of photos: add one, change its text and position, delete it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from api.context import Context
from api.domain.albums import ALBUM_RULES
from api.domain.errors import NotFound
from api.domain.photos import SITE, CreatePhoto, ReplacePhoto, StaffPhoto
from api.domain.site import KEY
from api.http.forms import Submission, run_once
from api.http.idempotency import SavedResponse
from api.http.preconditions import check_rev
from api.http.resource import RequestContext
from api.resources.forms.entity import submitted
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
from api.store.transaction import Write, retry_on_conflict
from api.web.forms import fields, photos
from api.web.forms.merge import fingerprint
from api.web.pages.form import FormPage

UPLOAD_TYPE = "image/jpeg"
"""The media type that the form of a page declares, before the file is chosen. The first bytes of the file decide."""
MAX_DIGITS = 10
"""More digits than a position has."""


class PhotoForms(Struct, frozen=True):
    """The forms of the photos of the entities of one collection."""

    collection: str

    @property
    def album(self) -> Album:
        """The album of the collection."""
        return ALBUMS[self.collection]

    @property
    def label(self) -> str:
        """What pages call a photo."""
        return ALBUM_RULES[self.collection].label

    def new(self) -> Form:
        """Return the form that adds a photo to the entity in its URL."""
        return Form(role=ALBUM_RULES[self.collection].role, load=self._load_new, save=self._save_new)

    def edit(self) -> Form:
        """Return the form that changes or deletes a photo. The key in its URL is ``luna:ID``, for the site ``ID``."""
        return Form(role=ALBUM_RULES[self.collection].role, load=self._load, save=self._save)

    def _load_new(self, request: RequestContext, key: str | None) -> FormPage:
        found = self._find(request.context, key)
        return FormPage(
            title=f"Add a {self.label}",
            submit="Choose the file",
            back=self._back(found),
            sections=photos.sections(self.label, 1),
            texts={"alt": [""]},
            is_new=True,
            key=request.context.dependencies.new_id(),
        )

    def _save_new(self, request: RequestContext, key: str | None, sent: Submission) -> str:
        def plan() -> tuple[SavedResponse, Sequence[Write]]:
            found = self._find(request.context, key)
            body = submitted(request, (photos.alt(self.label),), sent, {"type": UPLOAD_TYPE}, CreatePhoto)
            upload, rev, writes = plan_upload(request.context, found, body)
            return SavedResponse(303, f"/{found.key}/photos/{upload.id}", rev, b""), writes

        return run_once(request, sent, plan).location

    def _load(self, request: RequestContext, key: str | None) -> FormPage:
        found, photo_id = self._find_photo(request.context, key)
        view, rev = get_photo(request.context, found, photo_id)
        if not isinstance(view, StaffPhoto):
            raise NotFound
        is_ready = view.state == "ready"
        sections = photos.sections(self.label, len(found.photos)) if is_ready else ()
        texts = {"alt": [view.alt], "position": [str(view.position or "")]}
        return FormPage(
            title=f"Change the {self.label}" if is_ready else "Delete the upload",
            lead="" if is_ready else view.alt,
            submit=f"Save the {self.label}" if is_ready else "",
            back=self._back(found),
            sections=sections,
            texts=texts,
            is_new=False,
            rev=rev,
            base=fingerprint(fields.all_fields(sections, is_new=False), texts),
            delete=f"Delete the {self.label}" if is_ready else "Delete the upload",
        )

    def _save(self, request: RequestContext, key: str | None, sent: Submission) -> str:
        context, precondition = request.context, partial(check_rev, sent.rev)

        def attempt() -> str:
            found, photo_id = self._find_photo(context, key)
            shown = fields.all_fields(photos.sections(self.label, len(found.photos)), is_new=False)

            def make_body(target: ReplacePhoto, _view: StaffPhoto) -> Submitted[ReplacePhoto]:
                return submitted(request, shown, sent, msgspec.to_builtins(target), ReplacePhoto, _with_number)

            plan = change_photo(context, found, photo_id, precondition, make_body)[2]
            context.dependencies.table.transact(plan.writes, plan.rev)
            return f"/{found.key}/photos"

        if sent.action != "delete":
            return retry_on_conflict(attempt)
        found, photo_id = self._find_photo(context, key)
        with suppress(NotFound):  # it is deleted already
            entity = self.album.service.repository.key(found.record.value)
            delete_photo(context, self.album, entity, photo_id, precondition)
        return f"/{found.key}/photos"

    def _find(self, context: Context, key: str | None) -> Found:
        if (key is None) != (self.collection == SITE):
            raise NotFound
        return find_photos(context, self.album, key or KEY)

    def _back(self, found: Found) -> tuple[str, ...]:
        return (*map(unquote, found.key.split("/")), "photos")

    def _find_photo(self, context: Context, key: str | None) -> tuple[Found, str]:
        entity, _, photo_id = (key or "").rpartition(":")
        return self._find(context, entity or None), photo_id


def _with_number(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body with its position as a number. Another text is an error of the field."""
    text = body.get("position")
    if isinstance(text, str) and text.isdecimal() and len(text) < MAX_DIGITS:
        return body | {"position": int(text)}
    return body


FORMS = {
    f"{rules.singular}-{name}": form
    for collection, rules in ALBUM_RULES.items()
    for name, form in (("photos", PhotoForms(collection).new()), ("photo", PhotoForms(collection).edit()))
}
"""``cat-photos`` adds a photo to a cat, ``cat-photo`` changes one; the same for pies, posts and the site."""
