"""What every page shows of the site."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from api.domain.site import Site
from api.web import opening_hours, styles
from api.web.pages.json_ld import script_json


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


def site_variables(site: Site) -> dict[str, Any]:
    """Return the variables of every template: the site, its look, and the colours of the light and dark scheme."""
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
    )
    return {"site": facts, "look": styles.to_arguments(look), "light": light, "dark": dark}


def structured_data(site: Site, url: str) -> Any:
    """Return the café as https://schema.org/CafeOrCoffeeShop, for a script element."""
    return script_json({
        "@type": "CafeOrCoffeeShop",
        "name": site.name,
        "description": site.tagline,
        "url": url,
        "address": ", ".join(site.address) or None,
        "email": site.email,
        "telephone": site.telephone,
        "openingHoursSpecification": opening_hours.structured_data(site.opening_hours) or None,
    })  # fmt: skip


def _digits(telephone: str) -> str:
    return "".join(character for character in telephone if character.isdigit() or character == "+")
