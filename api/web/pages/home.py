"""The home page, and the page of the address and the opening hours."""

from __future__ import annotations

from typing import Any

from api.domain.home import HomeContents
from api.domain.site import SiteView
from api.web import opening_hours
from api.web.pages import cats, pies, posts
from api.web.pages.json_ld import script_json
from api.web.pages.page import Page
from api.web.pages.photos import absolute_url


def home(page: Page, contents: HomeContents) -> dict[str, Any]:
    """Return the variables of the home page."""
    return {
        "available": [cats.card(page, cat) for cat in contents.available],
        "residents": [cats.card(page, cat) for cat in contents.residents],
        "pies": [pies.item(page, pie) for pie in contents.pies],
        "posts": [posts.entry(page, post) for post in contents.posts],
        **_visit(page, contents.site),
    }


def visit(page: Page, site: SiteView) -> dict[str, Any]:
    """Return the variables of the page of the address and the opening hours, with links for the owner."""
    return _visit(page, site) | {
        "settings": page.link("forms", "site"),
        "logo": page.link("site", "photos"),
        "is_owner": page.role == "owner",
    }


def _visit(page: Page, site: SiteView) -> dict[str, Any]:
    """Return the variables of the address and the opening hours, for people and for search engines."""
    image = absolute_url(page, site.logo.files) if site.logo else None
    return {
        "open_now": opening_hours.now_text(site.opening_hours, page.now.astimezone(page.zone)),
        "json_ld": _structured_data(site, f"{page.origin}/", image),
        "image": image,
    }


def _structured_data(site: SiteView, url: str, logo: str | None) -> Any:
    """Return the café as https://schema.org/CafeOrCoffeeShop, for a script element."""
    return script_json({
        "@type": "CafeOrCoffeeShop",
        "name": site.name,
        "description": site.tagline,
        "url": url,
        "address": ", ".join(site.address) or None,
        "email": site.email,
        "telephone": site.telephone,
        "logo": logo,
        "openingHoursSpecification": opening_hours.structured_data(site.opening_hours) or None,
    })  # fmt: skip
