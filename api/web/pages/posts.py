"""The pages of the news: the list, and a post."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from api.domain.posts import PostView
from api.web import words
from api.web.pages.json_ld import script_json
from api.web.pages.page import Page
from api.web.pages.photos import absolute_url, picture

_TAG = re.compile(r"<[^>]*>")
_HEADING = re.compile(r"<(/?)h([1-6])>")


def post_list(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the list."""
    return {
        "posts": [entry(page, post) for post in value["items"]],
        "next": value.get("next"),
        "prev": value.get("prev"),
        "cat": words.name(page.value("cat")),
        "all_posts": page.link("posts"),
        "add": page.link("forms", "posts"),
    }


def entry(page: Page, post: PostView) -> dict[str, Any]:
    """Return the variables of a post in a list."""
    return {
        "title": post.title,
        "href": page.link("posts", post.id),
        "date": words.local_day(post.published_at, page.zone),
        "datetime": post.published_at.isoformat(),
        "excerpt": words.excerpt(plain_text(post.html), 220),
        "scheduled": post.published_at > page.now,
        "photos": [picture(photo) for photo in post.photos],
    }


def post(page: Page, post: PostView) -> dict[str, Any]:
    """Return the variables of a post."""
    text = words.excerpt(plain_text(post.html), 200)
    url = f"{page.origin}/posts/{post.id}"
    data = {
        "@type": "BlogPosting",
        "headline": post.title,
        "datePublished": post.published_at.isoformat(),
        "dateModified": post.updated.isoformat(),
        "author": {"@type": "Person", "name": post.author},
        "url": url,
    }
    return entry(page, post) | {
        "url": url,
        "author": post.author,
        "body": body(post.html),
        "cats": [(words.name(name), page.link("cats", name)) for name in post.cats],
        "meta_description": text,
        "image": absolute_url(page, post.photos[0].files) if post.photos else None,
        "edit_photos": page.link("posts", post.id, "photos"),
        "json_ld": script_json(data),
        "edit": page.link("forms", "posts", post.id),
    }


def plain_text(markup: str) -> str:
    """Return the text of sanitised HTML."""
    return html.unescape(_TAG.sub(" ", markup))


def body(markup: str) -> Markup:
    """Return the HTML of a post, whose headings are below the title of the page. It was sanitised at the write."""
    lower = _HEADING.sub(lambda tag: f"<{tag[1]}h{min(int(tag[2]) + 1, 6)}>", markup)
    return Markup(lower)  # noqa: S704 - api.domain.markdown has sanitised it
