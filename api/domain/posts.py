"""News posts: the entity, its request bodies, its view, publication and validation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.domain import names
from api.domain.cat_fields import Name
from api.domain.entity import (
    ApiStruct,
    Timestamp,
    WriteContext,
    first_version,
    next_version,
    non_default_fields,
    project,
    year_errors,
)
from api.domain.errors import FieldError
from api.domain.markdown import HTML_TOO_LONG, MAX_HTML_BYTES, TooLarge, to_html
from api.domain.photos import Photo, PhotoView, entity_key, photo_views

# No min_length here: validate returns the same error for an empty title and for a title of spaces.
Title = Annotated[str, Meta(max_length=200, extra_json_schema={"minLength": 1, "pattern": r"\S"})]
Text = Annotated[str, Meta(min_length=1, max_length=20_000, description="Markdown (CommonMark), without raw HTML.")]


class CreatePost(ApiStruct, frozen=True):
    """The body of ``POST /posts``."""

    title: Title
    body: Text
    published_at: Timestamp | None = None
    """The time from which the public may read the post. The default is now."""
    cats: Annotated[tuple[Name, ...], Meta(max_length=20, description="Names of the cats in the post.")] = ()


class ReplacePost(CreatePost, frozen=True, kw_only=True):
    """The body of ``PUT /posts/{id}``. Title and body are required. An id must equal the id in the path."""

    id: int | UnsetType = UNSET


class Post(CreatePost, frozen=True, kw_only=True, omit_defaults=True):
    """The stored post."""

    id: int
    html: str
    """The rendered ``body``. It is rendered when the post is written."""
    author: str
    """The uid of the author of the first version."""
    published_at: Timestamp
    created: Timestamp
    updated: Timestamp
    version: int
    photos: tuple[Photo, ...] = ()


class PostView(CreatePost, frozen=True, kw_only=True):
    """A post as clients see it."""

    id: int
    html: str
    """The ``body`` as sanitised HTML."""
    author: str
    """The display name of the author, never a username."""
    published_at: Timestamp
    photos: tuple[PhotoView, ...]
    """The photo, if the post has one."""
    created: Timestamp
    updated: Timestamp
    version: int


class DeletedPost(ApiStruct, frozen=True):
    """A post that was deleted, or that the caller no longer sees."""

    id: int
    updated: Timestamp
    """The time of the deletion, or since when the caller no longer sees the post."""


def is_public(post: Post, now: datetime) -> bool:
    """Return whether the public may read a post."""
    return post.published_at <= now


def to_body(post: Post) -> ReplacePost:
    """Return the fields that a client may write: the target of a merge patch."""
    return project(ReplacePost, post)


def to_view(post: Post, root: str = "") -> PostView:
    """Return the view of a post. ``root`` is the path before the paths of the API."""
    return project(PostView, post, photos=photo_views(post.photos, entity_key("posts", str(post.id)), root))


def validate(body: CreatePost) -> list[FieldError]:
    """Return the errors of a body whose types are valid. A required field that already has an error is UNSET."""
    errors = []
    if isinstance(body.title, str) and (error := names.text_error(body.title, "title")):
        errors.append(error.at("/title"))
    if isinstance(body.body, str) and (detail := _size_error(body.body)):
        errors.append(FieldError("too_long", detail, pointer="/body"))
    errors += year_errors(body.published_at, "/publishedAt")
    cat_errors = [names.name_error(names.normalise(name)) for name in body.cats]
    return errors + [error.at(f"/cats/{index}") for index, error in enumerate(cat_errors) if error]


def _size_error(markdown: str) -> str | None:
    """Return why a Markdown text is too large, or None."""
    try:
        return HTML_TOO_LONG if len(to_html(markdown).encode()) > MAX_HTML_BYTES else None
    except TooLarge as error:
        return str(error)


def create(body: CreatePost, key: str, write: WriteContext) -> Post:
    """Return a new post."""
    return Post(**_fields(body, write.at), id=int(key), author=write.by, **first_version(write.at))


def update(post: Post, body: CreatePost, write: WriteContext) -> Post:
    """Return the next version of a post. ``publishedAt`` stays if the body does not have it."""
    return msgspec.structs.replace(post, **_fields(body, post.published_at), **next_version(post, write.at))


def _fields(body: CreatePost, published_at: datetime) -> dict[str, Any]:
    return non_default_fields(body, CreatePost) | {
        "html": to_html(body.body),
        "published_at": (body.published_at or published_at).astimezone(UTC),
        "cats": tuple(dict.fromkeys(names.normalise(name) for name in body.cats)),
    }
