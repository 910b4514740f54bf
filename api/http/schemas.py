"""The declaration of bodies, and schemas of names, for the OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import msgspec

from api.domain import names
from api.domain.errors import FieldError

Schema = dict[str, Any]


class ListOf(msgspec.Struct, frozen=True):
    """A page of items, with the members of another struct."""

    item: Any
    extra: type[msgspec.Struct] | None = None
    paged: bool = True
    """Whether the list has several pages."""
    has_previous: bool = False
    """Whether a page has the URL of the previous one."""
    deleted: type[msgspec.Struct] | None = None
    """What a list has of a deleted entity, if clients can read it with ``updatedSince``."""


class Problem(msgspec.Struct, rename="camel", omit_defaults=True):
    """A problem document (RFC 9457)."""

    type: str
    """URI of the problem type, which resolves to its explanation."""
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    """The id of the request in the log."""
    errors: list[FieldError] = []
    """The errors of an invalid request, at most a hundred."""
    more_errors: bool = False
    """Whether the request has more errors than ``errors``, which is limited so that the response is small."""
    available: list[str] = []
    """The media types of the resource, for a 406."""


def name_schema(ampersand: bool = False) -> Schema:
    """Return the schema of a name in a path. Some names may contain an ampersand."""
    forbidden, allowed = ("!-%(-,", "space, '&', '.', '-'") if ampersand else ("!-&(-,", "space, '.', '-'")
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": names.MAX_LENGTH,
        # The ASCII characters that a name must not contain. No portable pattern describes the letters of Unicode.
        "pattern": rf"^[^\u0000-\u001f{forbidden}/:-@\[-`{{-\u007f]+$",
        "description": f"The key: Unicode letters, digits, {allowed} and apostrophe; NFC, trimmed.",
    }


def iter_structs(body: Any) -> Iterator[type[msgspec.Struct]]:
    """Yield the structs of the type of a body: a struct, a union or a ``ListOf``."""
    if isinstance(body, ListOf):
        yield from iter_structs(body.item)
        yield from iter_structs(body.extra)
        yield from iter_structs(body.deleted)
    elif isinstance(body, type) and issubclass(body, msgspec.Struct):
        yield body
    else:
        for option in get_args(body):
            yield from iter_structs(option)


def entity_name(struct: str) -> str:
    """Return the name of the entity of a struct: ``Cat`` for ``PublicCat``, ``ReplaceCat`` and ``CatView``."""
    return re.sub("^(Public|Staff|Replace)(?=[A-Z])|View$", "", struct)
