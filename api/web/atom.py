"""The news as an Atom feed (RFC 4287)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

from api.domain.posts import Post, PostView

NAMESPACE = "http://www.w3.org/2005/Atom"
MEDIA = "application/atom+xml"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""``updated`` of an empty feed without a known time."""
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML 1.0 forbids, even as references."""


def render_feed(
    posts: Sequence[Post | PostView],
    origin: str,
    updated: datetime | None,
    title: str = "News from the cat café",
    cafe: str = "clowder",
) -> bytes:
    """Return the feed of posts in their order.

    Args:
        posts: the posts that the caller may read.
        origin: the URL of the API, without a slash at the end.
        updated: when the list of posts last changed, or None. The feed is never older than its entries.
        title: the title of the feed.
        cafe: the seed of the ids, which do not depend on the host (RFC 4287, section 4.2.6).
    """
    # Relative links in entries are relative to the API.
    feed = Element("feed", {"xmlns": NAMESPACE, "xml:base": f"{origin}/"})
    _add(feed, "id", permanent_id(cafe, "posts.atom"))
    _add(feed, "title", title)
    _add(feed, "updated", _timestamp(max([updated or EPOCH, *map(_updated, posts)])))
    _add(feed, "link", rel="self", type=MEDIA, href=f"{origin}/posts.atom")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{origin}/")
    for post in posts:
        _entry(_add(feed, "entry"), post, f"{origin}/posts/{post.id}", permanent_id(cafe, f"posts/{post.id}"))
    document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def permanent_id(cafe: str, path: str) -> str:
    """Return an id that does not depend on the host."""
    return uuid5(NAMESPACE_URL, f"clowder:{cafe}/{path}").urn


def _entry(entry: Element, post: Post | PostView, url: str, id: str) -> None:
    _add(entry, "id", id)
    _add(entry, "title", post.title)
    _add(entry, "updated", _timestamp(_updated(post)))
    _add(entry, "published", _timestamp(post.published_at))
    _add(_add(entry, "author"), "name", post.author)
    _add(entry, "link", rel="alternate", href=url)
    for name in post.cats:
        _add(entry, "category", term=name)
    _add(entry, "content", post.html, type="html")


def _add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    child = SubElement(parent, tag, {name: _clean(value) for name, value in attributes.items()})
    child.text = None if text is None else _clean(text)
    return child


def _clean(text: str) -> str:
    """Remove characters that XML forbids. With such a character, no reader can parse the feed."""
    return _FORBIDDEN.sub("", text)


def _updated(post: Post | PostView) -> datetime:
    # A post may be written before it is published.
    return max(post.updated, post.published_at)


def _timestamp(at: datetime) -> str:
    text: str = msgspec.to_builtins(at.astimezone(UTC))
    return text
