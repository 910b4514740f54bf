"""The pages of the cats: the list with its filters, and a cat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.domain.cat_page import StaffCatPage
from api.domain.cats import is_public
from api.web import words
from api.web.pages import cat_staff
from api.web.pages.json_ld import script_json
from api.web.pages.page import Page
from api.web.pages.photos import absolute_url, picture
from api.web.portrait import draw, sitter_of, version_of
from api.web.words import Cat

PUBLIC_STATUS_OPTIONS = (("available", "Looking for a home"), ("resident", "Lives here"))
FILTERS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("status", "Status", PUBLIC_STATUS_OPTIONS),
    (
        "goodWith.children",
        "Children",
        (
            ("yes", "Children of any age"),
            ("yes,over5", "Children over 5"),
            ("yes,over5,over12", "Children over 12"),
        ),
    ),
    ("ageGroup", "Age", tuple(words.AGE_GROUPS.items())),
    ("goodWith.cats", "Other cats", (("yes", "Good with cats"), ("yes,selective", "Good with some cats"))),
    ("goodWith.dogs", "Dogs", (("yes", "Good with dogs"), ("yes,selective", "Good with some dogs"))),
    ("sex", "Sex", (("female", "Female"), ("male", "Male"))),
)
"""For each parameter, its label and its options: the value and the text of each."""
SORTS = (
    ("name", "Name"),
    ("-created", "Newest first"),
    ("-birthDate", "Youngest first"),
    ("birthDate", "Oldest first"),
)
SHORTCUTS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("All cats", ()),
    ("Looking for a home", (("status", "available"),)),
    ("Good with children", (("goodWith.children", "yes"),)),
    ("Kittens", (("ageGroup", "baby"),)),
    ("Seniors", (("ageGroup", "senior"),)),
    ("Bonded pairs", (("bonded", "true"),)),
)
"""Links to common filters."""
STAFF_SHORTCUTS = (
    ("Not public", (("status", "intake,quarantine,hold,foster"),)),
    ("Have left", (("status", "adopted,transferred,reclaimed,deceased"),)),
)
"""More of them for the staff."""
TEXT_FILTERS = {"breed": "Breed", "name": "Name begins with"}
OTHER_VALUES = {
    "bonded": {"true": "Bonded with other cats", "false": "Not bonded"},
    "altered": {"yes": "Spayed or neutered", "no": "Not spayed or neutered"},
}


def cat_list(page: Page, value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the variables of the list."""
    return {
        "cats": [card(page, cat) for cat in value["items"]],
        "next": value.get("next"),
        "prev": value.get("prev"),
        "filters": _filters(page),
        "sorts": [(key, text, key == page.value("sort")) for key, text in SORTS],
        "hidden": [(key, text) for key, text in page.arguments if key in OTHER_VALUES or key == "limit"],
        "breed": page.value("breed"),
        "shortcuts": page.shortcuts((*SHORTCUTS, *(STAFF_SHORTCUTS if page.is_staff else ()))),
        "add": page.link("forms", "cats") if page.is_staff else None,
        "active": _active_filters(page),
        "all_cats": page.link("cats"),
    }


def card(page: Page, cat: Cat) -> dict[str, Any]:
    """Return the variables of the card of a cat."""
    return {
        "name": words.name(cat.name),
        "href": page.link("cats", cat.name),
        "portrait": f"{page.link('cats', cat.name, 'portrait.svg')}?v={_portrait_version(page, cat)}",
        "alt": portrait_text(cat),
        "photos": [picture(photo) for photo in cat.photos],
        "edit_photos": page.link("cats", cat.name, "photos"),
        "status": words.STATUSES[cat.status],
        "looks_for_home": cat.status == "available",
        "summary": words.summary(cat, page.today),
        "facts": [fact for fact in (*words.companions(cat)[:1], words.bond(cat.bonded_with)) if fact],
    }


def cat(page: Page, value: Cat | StaffCatPage) -> dict[str, Any]:
    """Return the variables of the page of a cat."""
    if isinstance(value, StaffCatPage):
        return _profile(page, value.cat) | {"staff": cat_staff.staff(page, value)}
    return _profile(page, value) | {"staff": None}


def _profile(page: Page, cat: Cat) -> dict[str, Any]:
    title = words.name(cat.name)
    description = words.excerpt(
        cat.description or f"{words.STATUSES[cat.status]}. {words.summary(cat, page.today)}.", 200
    )
    image = (
        absolute_url(page, cat.photos[0].files)
        if cat.photos
        else f"{page.url}/portrait.svg?v={_portrait_version(page, cat)}"
    )
    return card(page, cat) | {
        "title": title,
        "url": page.url,
        "image": image,
        "description": cat.description,
        "meta_description": description,
        "public": is_public(cat),
        "details": _details(page, cat),
        "companions": words.companions(cat),
        "unknown_companions": words.unknown_companions(cat),
        "bonds": [(words.name(name), page.link("cats", name)) for name in cat.bonded_with],
        "health": words.health(cat),
        "needs": [text for text in (cat.special_needs.note, cat.special_needs.diet) if text],
        "fee": words.fee(cat.adoption_fee),
        "json_ld": script_json(_structured_data(page, cat, description, image)),
    }


def _portrait_version(page: Page, cat: Cat) -> str:
    """Return the version of a portrait. With it in the URL, a browser need not ask again."""
    return version_of(draw(sitter_of(cat, page.today)))


def portrait_text(cat: Cat) -> str:
    """Return the alternative text of a portrait."""
    look = words.looks(cat)
    return f"Portrait of {words.name(cat.name)}: {look}." if look else f"Portrait of {words.name(cat.name)}."


def _details(page: Page, cat: Cat) -> list[tuple[str, str]]:
    place = cat.location.area and words.sentence(cat.location.area)
    look, breed, age = words.looks(cat), words.breed(cat), words.age(cat.birth_date, cat.birth_date_exact, page.today)
    facts = [
        ("Age", age and words.sentence(age)),
        ("Sex", None if cat.sex == "unknown" else words.sentence(cat.sex)),
        ("Breed", breed and words.sentence(breed)),
        ("Coat", look and words.sentence(look)),
        ("Where", f"{place}, on the floor" if place and cat.location.on_floor else place),
        ("Adoption fee", words.fee(cat.adoption_fee)),
    ]
    return [(label, text) for label, text in facts if text]


def _structured_data(page: Page, cat: Cat, description: str, image: str) -> dict[str, Any]:
    data = {"name": words.name(cat.name), "description": description, "url": page.url, "image": image}
    data |= {"@type": "Product", "category": "Cat"}
    if cat.adoption_fee is None or cat.status != "available":
        return data
    offer = {
        "@type": "Offer",
        "price": words.decimal(cat.adoption_fee),
        "priceCurrency": cat.adoption_fee.currency,
        "availability": "https://schema.org/InStock",
        "url": page.url,
    }
    return data | {"offers": offer}


def _filters(page: Page) -> list[dict[str, Any]]:
    """Return the filters of the form. A value of the URL that is no option stays selectable."""
    filters = []
    for name, label, options in FILTERS:
        if name == "status" and page.is_staff:
            options = tuple(words.STATUSES.items())
        current = page.value(name)
        extra = () if current in ("", *(value for value, _ in options)) else ((current, _value_text(name, current)),)
        chosen = [(value, text, value == current) for value, text in (*options, *extra)]
        filters.append({"name": name, "id": name.replace(".", "-"), "label": label, "options": chosen})
    return filters


def _active_filters(page: Page) -> list[tuple[str, str]]:
    """Return each filter that is set: its text, and the URL without it."""
    return [
        (_value_text(name, value), page.with_arguments(**{name.replace(".", "__"): None}))
        for name, value in page.selection
    ]


def _value_text(name: str, value: str) -> str:
    if name in TEXT_FILTERS:
        return f"{TEXT_FILTERS[name]} “{value}”"
    known = {filter_name: (label, dict(options)) for filter_name, label, options in FILTERS}
    label, texts = known.get(name, (words.sentence(name), OTHER_VALUES.get(name, {})))
    if value in texts:
        return texts[value]
    parts = [
        texts.get(part) or words.STATUSES.get(part) or words.CHILDREN.get(part) or part for part in value.split(",")
    ]
    return f"{label}: {' or '.join(parts)}"
