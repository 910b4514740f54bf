"""What every page shows of the site."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from api.domain.site import Site, logo_of
from api.web import opening_hours, styles
from api.web.pages.photos import picture


class SiteFacts(Struct, frozen=True):
    """The site in the templates."""

    name: str
    tagline: str
    address: tuple[str, ...]
    hours: list[tuple[str, str]]
    """Days and times, in words."""
    hours_note: str | None
    email: str | None
    telephone: str | None
    telephone_url: str | None
    logo: dict[str, Any] | None
    """The picture of the logo, and its shade; None for the drawn one."""


def site_variables(site: Site, base: str) -> dict[str, Any]:
    """Return the variables of every template: the site, its look, and the colours of the light and dark scheme.

    Args:
        site: the site.
        base: the path of the stage.
    """
    look = styles.look_of(site)
    light, dark = styles.tokens(look)
    facts = SiteFacts(
        site.name,
        site.tagline,
        site.address,
        opening_hours.rows(site.opening_hours),
        site.opening_hours_note,
        site.email,
        site.telephone,
        f"tel:{_digits(site.telephone)}" if site.telephone else None,
        _logo(site, base),
    )
    return {"site": facts, "look": styles.to_arguments(look), "light": light, "dark": dark}


def _logo(site: Site, base: str) -> dict[str, Any] | None:
    logo = logo_of(site, base)
    return picture(logo) | {"shade": site.photos[0].shade} if logo else None


def _digits(telephone: str) -> str:
    return "".join(character for character in telephone if character.isdigit() or character == "+")
