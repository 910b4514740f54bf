"""Photos on pages: on cards, on the page of their entity, and the pages where the staff adds and changes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from api.domain.albums import ALBUM_RULES
from api.domain.photos import (
    FORM_LIFETIME,
    MAX_UPLOAD_BYTES,
    TOO_LARGE,
    NewPhoto,
    PhotoFile,
    PhotoView,
    StaffPhoto,
)
from api.web import words
from api.web.pages.page import Page

LARGEST_PREVIEW = 960
"""The width of the picture of a link that is shared, in pixels."""


def picture(photo: PhotoView | StaffPhoto) -> dict[str, Any]:
    """Return the variables of a picture, of which the browser chooses the file."""
    return {
        "src": photo.files[0].href,
        "srcset": ", ".join(f"{file.href} {file.width}w" for file in photo.files),
        "width": photo.width,
        "height": photo.height,
        "alt": photo.alt,
        "largest": photo.files[-1].href,
    }


def absolute_url(page: Page, files: Sequence[PhotoFile]) -> str:
    """Return the absolute URL of a file that a page of another site may show."""
    file = next((file for file in reversed(files) if file.width <= LARGEST_PREVIEW), files[0])
    return page.origin.removesuffix(page.base) + file.href


def photo_list(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the photos of an entity."""
    collection, key = _entity(page)
    singular, is_cat = ALBUM_RULES[collection].singular, collection == "cats"
    return {
        "title": f"Photos of {words.name(key)}" if is_cat else f"Picture of the {singular}",
        "photos": [_entry(page, photo) for photo in value["items"]],
        "add": page.link("forms", f"{singular}-photos", key),
        "back": page.link(collection, key),
        "name": words.name(key) if is_cat else f"the {singular}",
    }


def photo(page: Page, photo: PhotoView | StaffPhoto) -> dict[str, Any]:
    """Return the variables of a photo, or of an upload with the form for its file."""
    collection, key = _entity(page)
    return {
        "title": "Choose the file" if isinstance(photo, NewPhoto) else "Photo",
        "photo": _entry(page, photo),
        "upload": photo.upload if isinstance(photo, NewPhoto) else None,
        "max_bytes": MAX_UPLOAD_BYTES,
        "too_large": TOO_LARGE,
        "max_seconds": int(FORM_LIFETIME.total_seconds()),
        "all_photos": page.link(collection, key, "photos"),
        "again": page.link("forms", f"{ALBUM_RULES[collection].singular}-photos", key),
    }


def _entity(page: Page) -> tuple[str, str]:
    """Return the collection and the key of the entity of a page: ``("cats", "luna")``."""
    collection, key = page.path.strip("/").split("/")[:2]
    return collection, unquote(key)


def _entry(page: Page, photo: PhotoView | StaffPhoto) -> dict[str, Any]:
    collection, key = _entity(page)
    state = photo.state if isinstance(photo, StaffPhoto) else "ready"
    return {
        "id": photo.id,
        "state": state,
        "alt": photo.alt,
        "picture": picture(photo) if state == "ready" else None,
        "is_first": isinstance(photo, StaffPhoto) and photo.position == 1,
        "refusal": photo.refusal.detail if isinstance(photo, StaffPhoto) and photo.refusal else "",
        "href": page.link(collection, key, "photos", photo.id),
        "edit": page.link("forms", f"{ALBUM_RULES[collection].singular}-photo", f"{key}:{photo.id}"),
    }
