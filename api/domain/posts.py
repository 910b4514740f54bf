"""News posts: what may be written in one, when the public may read it, and how it looks."""

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
)
from api.domain.errors import FieldError
from api.domain.markdown import to_html

YEARS = range(2000, 2101)
LONGEST_HTML = 100_000
"""In bytes. A text and its HTML have to fit into one item of the table, whose limit is four times that."""

# An empty title is as blank as one of spaces: faults() says the same of both.
Title = Annotated[str, Meta(max_length=200, extra_json_schema={"minLength": 1, "pattern": r"\S"})]
Text = Annotated[str, Meta(min_length=1, max_length=20_000, description="Markdown (CommonMark), without raw HTML.")]


class CreatePost(ApiStruct, frozen=True):
    """The body of ``POST /posts``."""

    title: Title
    body: Text
    published_at: Timestamp | None = None
    """From when on the public may read it; now, if it is not said."""
    cats: Annotated[tuple[Name, ...], Meta(max_length=20, description="Names of the cats it is about.")] = ()


class ReplacePost(CreatePost, frozen=True, kw_only=True):
    """The body of ``PUT /posts/{id}``: title and body are required; an id must equal the path."""

    id: int | UnsetType = UNSET


class Post(CreatePost, frozen=True, kw_only=True, omit_defaults=True):
    """A post as it is kept."""

    id: int
    html: str
    """Made of ``body`` when it is written, and not each time it is read."""
    author: str
    """The username of who wrote its first version."""
    published_at: datetime
    created: datetime
    updated: datetime
    version: int


class PostView(CreatePost, frozen=True, kw_only=True):
    """A post as it shows."""

    id: int
    html: str
    """The body as sanitised HTML."""
    author: str
    published_at: Timestamp
    created: Timestamp
    updated: Timestamp
    version: int


def is_public(post: Post, now: datetime) -> bool:
    """Say whether the public may read it by now."""
    return post.published_at <= now


def to_body(post: Post) -> ReplacePost:
    """Return what a client may write of it: the target of a merge patch."""
    return project(ReplacePost, post)


def to_view(post: Post, _now: datetime) -> PostView:
    """Return it as everybody sees it who may."""
    return project(PostView, post)


def validate(body: CreatePost, _now: datetime) -> list[FieldError]:
    """Return every rule that a well-formed body breaks, besides those that its types say.

    Of a body with other faults, a required member may be UNSET: of that there is nothing more to say.
    """
    found = []
    if isinstance(body.title, str) and not body.title.strip():
        found.append(FieldError("Title cannot be blank!", pointer="/title"))
    if isinstance(body.body, str) and len(to_html(body.body).encode()) > LONGEST_HTML:
        found.append(FieldError(f"Its HTML would have more than {LONGEST_HTML} bytes.", pointer="/body"))
    if body.published_at is not None and body.published_at.year not in YEARS:
        detail = f"This instant is not in the years {YEARS[0]} to {YEARS[-1]}."
        found.append(FieldError(detail, pointer="/publishedAt"))
    wrong = [names.name_error(names.normalise(name)) for name in body.cats]
    return found + [FieldError(detail, pointer=f"/cats/{place}") for place, detail in enumerate(wrong) if detail]


def create(body: CreatePost, key: str, stamp: WriteContext) -> Post:
    """Return a new post."""
    return Post(**_fields(body, stamp.at), id=int(key), author=stamp.by, **first_version(stamp.at))


def update(post: Post, body: CreatePost, stamp: WriteContext) -> Post:
    """Return its next version, with all that the body tells and nothing else.

    Author and id stay, and a post that is out does not come out once more because a body is silent about it.
    """
    return msgspec.structs.replace(post, **_fields(body, post.published_at), **next_version(post, stamp.at))


def _fields(body: CreatePost, published_at: datetime) -> dict[str, Any]:
    return non_default_fields(body, CreatePost) | {
        "html": to_html(body.body),
        "published_at": (body.published_at or published_at).astimezone(UTC),
        "cats": tuple(dict.fromkeys(names.normalise(name) for name in body.cats)),
    }
