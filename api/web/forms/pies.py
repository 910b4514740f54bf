"""The fields of a pie."""

from __future__ import annotations

from api.domain.pies import ALLERGENS, DIETS
from api.web import words
from api.web.forms.fields import Field, Section

SECTIONS = (
    Section(
        "",
        (
            Field(
                name="name",
                label="Name",
                required=True,
                only_new=True,
                help="It is a part of the address of the pie and cannot be changed later.",
                attributes={"maxlength": 64},
            ),
            Field(
                name="publicName",
                label="Name on the menu",
                help="If it differs from the name.",
                attributes={"maxlength": 64},
            ),
            Field(name="rate", label="Price", kind="money", help="For example 4.50, or 4.50 EUR."),
            Field(name="description", label="Description", kind="textarea"),
        ),
    ),
    Section(
        "Diets and allergens",
        (
            Field(
                name="diets",
                label="Diets",
                kind="checkboxes",
                options=tuple((diet, words.DIETS[diet][1]) for diet in DIETS),
            ),
            Field(
                name="allergens",
                label="Allergens",
                kind="checkboxes",
                options=tuple((allergen, words.sentence(allergen)) for allergen in ALLERGENS),
                none="None of these",
                help="Without a mark, the menu says that the allergens are not declared.",
            ),
        ),
    ),
    Section(
        "On the menu",
        (
            Field(name="available", label="The pie is on sale", kind="checkbox"),
            Field(
                name="soldOutUntil",
                label="Sold out until",
                kind="datetime",
                help="Until then, the menu says that the pie is sold out.",
            ),
        ),
    ),
)
