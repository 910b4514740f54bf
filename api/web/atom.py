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
"""When a feed was last changed that has no entry, and of which nothing is known."""
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What is no character of XML 1.0, not even as a reference."""


def render_feed(
    posts: Sequence[Post | PostView],
    origin: str,
    updated: datetime | None,
    title: str = "News from the cat café",
    cafe: str = "clowder",
) -> bytes:
    """Return a feed of posts, in their order.

    Args:
        posts: those that the caller may read.
        origin: where the café is, without a slash at the end.
        updated: when the list itself last changed, if that is known; no feed is older than its entries.
        title: the title of the feed.
        cafe: what stays the same wherever the café moves; the ids are made of it (RFC 4287, section 4.2.6).
    """
    # Links within the entries are relative to the café, wherever a reader shows them.
    feed = Element("feed", {"xmlns": NAMESPACE, "xml:base": f"{origin}/"})
    _add(feed, "id", permanent_id(cafe, "posts.atom"))
    _add(feed, "title", title)
    _add(feed, "updated", _instant(max([updated or EPOCH, *map(_changed, posts)])))
    _add(feed, "link", rel="self", type=MEDIA, href=f"{origin}/posts.atom")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{origin}/")
    for post in posts:
        _entry(_add(feed, "entry"), post, f"{origin}/posts/{post.id}", permanent_id(cafe, f"posts/{post.id}"))
    document: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return document


def permanent_id(cafe: str, path: str) -> str:
    """Return the id of something that keeps it under whatever host it is asked for."""
    return uuid5(NAMESPACE_URL, f"clowder:{cafe}/{path}").urn


def _entry(entry: Element, post: Post | PostView, url: str, id: str) -> None:
    _add(entry, "id", id)
    _add(entry, "title", post.title)
    _add(entry, "updated", _instant(_changed(post)))
    _add(entry, "published", _instant(post.published_at))
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
    """Drop what XML forbids: one such character, and no reader would read the feed."""
    return _FORBIDDEN.sub("", text)


def _changed(post: Post | PostView) -> datetime:
    # One that was written ahead of time is news on the day it comes out.
    return max(post.updated, post.published_at)


def _instant(at: datetime) -> str:
    told: str = msgspec.to_builtins(at.astimezone(UTC))
    return told
