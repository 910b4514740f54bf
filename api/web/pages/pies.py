"""The pages of the menu and of a pie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.domain.pies import PieView
from api.web import words
from api.web.pages.page import Page
from api.web.pages.photos import picture

SHORTCUTS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("The whole menu", ()),
    ("Available now", (("available", "true"),)),
    ("Vegan", (("diet", "vegan"),)),
    ("Vegetarian", (("diet", "vegetarian"),)),
    ("Gluten-free", (("diet", "glutenFree"),)),
    ("Without nuts", (("withoutAllergen", "nuts,peanuts"),)),
)
"""Links to common filters."""


def menu(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the menu."""
    return {
        "pies": [item(page, pie) for pie in value["items"]],
        "next": value.get("next"),
        "prev": value.get("prev"),
        "shortcuts": page.shortcuts(SHORTCUTS),
        "is_filtered": bool(page.selection),
        "whole_menu": page.link("pies"),
        "add": page.link("forms", "pies"),
    }


def item(page: Page, pie: PieView) -> dict[str, Any]:
    """Return the variables of a pie on the menu."""
    end = pie.sold_out_until if pie.available else None
    return {
        "name": words.sentence(pie.public_name),
        "href": page.link("pies", pie.name),
        "price": words.price(pie.rate),
        "description": pie.description,
        "diets": [words.DIETS[diet] for diet in pie.diets],
        "allergens": None if pie.allergens is None else [(words.ALLERGENS[name], name) for name in pie.allergens],
        "sold_out": _sold_out(page, pie) if pie.sold_out else None,
        "sold_out_until": end,
        "photos": [picture(photo) for photo in pie.photos],
    }


def pie(page: Page, pie: PieView) -> dict[str, Any]:
    """Return the variables of the page of a pie."""
    name = words.sentence(pie.public_name)
    text = words.excerpt(pie.description or f"{name} on the menu.", 200)
    return {
        "pie": item(page, pie),
        "title": name,
        "url": page.url,
        "meta_description": text,
        "edit": page.link("forms", "pies", pie.name),
        "edit_photos": page.link("pies", pie.name, "photos"),
    }


def _sold_out(page: Page, pie: PieView) -> str:
    if not pie.available or pie.sold_out_until is None:
        return "Sold out"
    return f"Sold out {words.until(pie.sold_out_until, page.now, page.zone)}"
