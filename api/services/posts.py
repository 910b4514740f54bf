"""The service of posts. Posts have numbers; only the staff sees posts that are not published yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from api.context import Context
from api.domain import posts
from api.domain.entity import WriteContext
from api.domain.errors import FieldError
from api.domain.posts import CreatePost, Post, PostView, ReplacePost
from api.services.authors import resolve_authors, show_display_name
from api.services.entity_service import EntityService, Predicate
from api.services.mappings import POST, PUBLIC_CHANGES, PUBLICATIONS, STAFF_CHANGES
from api.store import keys
from api.store.keys import LAST, KeyRange

MAX_DIGITS = 12
COUNTER = keys.item_key("counters", "posts")
"""The key of the item with the last number. An instance of an earlier release writes it on the condition of its rev."""


def normalise_id(text: str) -> str:
    """Return an id in canonical form, digits without a leading zero. Return an empty string if it is invalid."""
    return text if text.isascii() and text.isdigit() and text[0] != "0" and len(text) <= MAX_DIGITS else ""


def allocate_number(context: Context, write: WriteContext) -> str:
    """Return the next number. If the post is not stored afterwards, the number is left out."""
    return str(context.dependencies.table.increment(COUNTER, "last", write.id))


def present(context: Context, entities: Sequence[Post]) -> list[PostView]:
    """Return the views of posts with their authors."""
    views = [posts.to_view(post, context.root) for post in entities]
    return resolve_authors(context, views, author=show_display_name)


def list_query(context: Context, args: Mapping[str, Any]) -> tuple[Sequence[KeyRange], Predicate[Post]]:
    """Return the posts, by default newest first. The public sees published posts only."""
    high = LAST if context.full_access else keys.timestamp_key(context.now) + LAST
    cat = args.get("cat")
    predicate = None if cat is None else (lambda post: cat in post.cats)
    return [KeyRange("list-by_time", "posts", high=high, reverse=args.get("sort") != "publishedAt")], predicate


POSTS: EntityService[Post, CreatePost, ReplacePost, PostView, None] = EntityService(
    repository=POST,
    create_type=CreatePost,
    replace_type=ReplacePost,
    key_field="id",
    normalise_key=normalise_id,
    key_error=lambda key: None if key else FieldError("invalid_format", "id must be a positive integer."),
    allocate_key=allocate_number,
    is_visible=lambda context, post: posts.is_public(post, context.now),
    validate=lambda _context, _key, _before, body, _related: posts.validate(body),
    create_entity=posts.create,
    update_entity=posts.update,
    to_body=posts.to_body,
    present=present,
    change_lists=lambda context: (PUBLIC_CHANGES, STAFF_CHANGES if context.full_access else PUBLICATIONS),
    change_key=int,
    list_query=list_query,
)
