"""Photos on pages: on cards, on the page of their entity, and the pages where the staff adds and changes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from api.domain.albums import ALBUM_RULES
from api.domain.photos import (
    FORM_LIFETIME,
    MAX_UPLOAD_BYTES,
    SITE,
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
    album = _Album(page)
    return {
        "title": album.title,
        "photos": [_entry(page, album, photo) for photo in value["items"]],
        "add": page.link("forms", f"{album.rules.singular}-photos", *album.key),
        "back": page.link("forms", "site") if album.is_logo and album.may_edit else page.link(*album.entity),
        "name": album.name,
        **album.common(),
    }


def photo(page: Page, photo: PhotoView | StaffPhoto) -> dict[str, Any]:
    """Return the variables of a photo, or of an upload with the form for its file."""
    album = _Album(page)
    return {
        "title": "Choose the file" if isinstance(photo, NewPhoto) else words.sentence(album.rules.label),
        "photo": _entry(page, album, photo),
        "upload": photo.upload if isinstance(photo, NewPhoto) else None,
        "max_bytes": MAX_UPLOAD_BYTES,
        "too_large": TOO_LARGE,
        "max_seconds": int(FORM_LIFETIME.total_seconds()),
        "all_photos": page.link(*album.entity, "photos"),
        "again": page.link("forms", f"{album.rules.singular}-photos", *album.key),
        **album.common(),
    }


class _Album:
    """The words and the URLs of the photos of the entity in the URL of a page.

    Args:
        page: the page.
    """

    def __init__(self, page: Page) -> None:
        collection, key = page.path.strip("/").split("/")[:2]
        self.rules = ALBUM_RULES[collection]
        self.is_logo = collection == SITE
        self.key: tuple[str, ...] = () if self.is_logo else (unquote(key),)
        self.entity = (collection, *self.key)
        self.may_edit = page.may(self.rules.role)
        name = f"the {self.rules.singular}"
        if collection == "cats":
            name = words.name(*self.key)
        elif self.is_logo:
            name = "the settings" if self.may_edit else "the café"
        self.name = name

    @property
    def title(self) -> str:
        """The title of the list."""
        if self.is_logo:
            return "Logo of the café"
        return f"Photos of {self.name}" if self.rules.limit > 1 else f"Picture of {self.name}"

    def common(self) -> dict[str, Any]:
        """Return the variables of both pages."""
        return {"label": self.rules.label, "may_edit": self.may_edit, "is_logo": self.is_logo}


def _entry(page: Page, album: _Album, photo: PhotoView | StaffPhoto) -> dict[str, Any]:
    state = photo.state if isinstance(photo, StaffPhoto) else "ready"
    return {
        "id": photo.id,
        "state": state,
        "alt": photo.alt,
        "picture": picture(photo) if state == "ready" else None,
        "is_first": isinstance(photo, StaffPhoto) and photo.position == 1,
        "refusal": photo.refusal.detail if isinstance(photo, StaffPhoto) and photo.refusal else "",
        "href": page.link(*album.entity, "photos", photo.id),
        "edit": page.link("forms", f"{album.rules.singular}-photo", ":".join((*album.key, photo.id))),
    }
