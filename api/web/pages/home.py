"""The home page."""

from __future__ import annotations

from typing import Any

from api.domain.home import HomeContents
from api.web import opening_hours, site
from api.web.pages import cats, pies, posts
from api.web.pages.page import Page


def home(page: Page, contents: HomeContents) -> dict[str, Any]:
    """Return the variables of the home page."""
    return {
        "available": [cats.card(page, cat) for cat in contents.available],
        "residents": [cats.card(page, cat) for cat in contents.residents],
        "pies": [pies.item(page, pie) for pie in contents.pies],
        "posts": [posts.entry(page, post) for post in contents.posts],
        "open_now": opening_hours.now_text(contents.site.opening_hours, page.now.astimezone(page.zone)),
        "json_ld": site.structured_data(contents.site, f"{page.origin}/"),
    }
