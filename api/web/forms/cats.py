"""The fields of a cat."""

from __future__ import annotations

from typing import get_args

from api.domain import cat_fields
from api.web import words
from api.web.forms.fields import Field, Options, Section, Suggestions

SHORT = {"maxlength": 64}
STAFF_ONLY = "Only the staff sees this."
YES_NO: Options = (("unknown", "Not known"), ("yes", "Yes"), ("no", "No"))
TESTS: Options = (("unknown", "Not tested"), ("negative", "Negative"), ("positive", "Positive"))
COMPANY: Options = (("unknown", "Not known"), ("yes", "Yes"), ("selective", "Some of them"), ("no", "No"))
CHILDREN: Options = (
    ("unknown", "Not known"), ("yes", "Yes, of any age"), ("over5", "Over 5 years"), ("over12", "Over 12 years"),
    ("no", "No"),
)  # fmt: skip
COATS: Options = (
    ("", "Not known"),
    *((coat, words.sentence(words.COATS.get(coat, coat))) for coat in get_args(cat_fields.Coat)),
)
COLORS = Suggestions(
    "colors",
    (
        "black", "white", "grey", "blue", "silver", "smoke", "orange", "cream", "fawn", "apricot", "brown", "chocolate",
        "cinnamon", "lilac", "seal", "flame",
    ),
)  # fmt: skip
"""The colours that the portraits know best."""
PATTERNS = Suggestions(
    "patterns",
    (
        "solid", "mackerel tabby", "classic tabby", "spotted tabby", "ticked tabby", "tortoiseshell", "torbie",
        "calico", "tuxedo", "bicolour", "van", "colourpoint", "mitted", "smoke",
    ),
)  # fmt: skip
VACCINES = Suggestions("vaccines", ("RCP", "FeLV", "rabies"))
AREAS = Suggestions("areas", ("café", "quarantine", "nursery", "office"))


def _date(name: str, label: str, help: str = "") -> Field:
    return Field(name=name, label=label, kind="date", help=help)


def _color(name: str, label: str) -> Field:
    return Field(name=f"colors.{name}", label=label, suggestions=COLORS, attributes=SHORT)


SECTIONS = (
    Section(
        "",
        (
            Field(
                name="name",
                label="Name",
                required=True,
                only_new=True,
                help="It is a part of the address of the cat and cannot be changed later.",
                attributes=SHORT,
            ),
        ),
    ),
    Section(
        "Status and place",
        (
            Field(
                name="status",
                label="Status",
                kind="select",
                options=tuple(words.STATUSES.items()),
                help="The public sees cats that look for a home, live here, are reserved or are on a trial stay.",
            ),
            _date("holdUntil", "Hold until", "The last day of a hold or quarantine. Then a to-do reminds you."),
            Field(name="location.area", label="Area", suggestions=AREAS, attributes=SHORT),
            Field(
                name="location.unit",
                label="Unit or family",
                help=f"For example the number of the cage, or the foster family. {STAFF_ONLY}",
                attributes=SHORT,
            ),
            Field(name="location.onFloor", label="On the floor, not in a unit", kind="checkbox"),
        ),
    ),
    Section(
        "Who the cat is",
        (
            _date("birthDate", "Birth date", "An estimate is enough."),
            Field(name="birthDateExact", label="The birth date is exact", kind="checkbox"),
            Field(
                name="sex",
                label="Sex",
                kind="select",
                options=(("unknown", "Not known"), ("female", "Female"), ("male", "Male")),
            ),
            Field(name="breed.primary", label="Breed", attributes=SHORT),
            Field(name="breed.secondary", label="Second breed", attributes=SHORT),
            Field(name="breed.mixed", label="A mix", kind="checkbox"),
            Field(
                name="description",
                label="Description",
                kind="textarea",
                help="What visitors read about the cat.",
                attributes={"rows": 6, "maxlength": 4000},
            ),
        ),
    ),
    Section(
        "Looks",
        (
            _color("primary", "Colour"),
            _color("secondary", "Second colour"),
            _color("tertiary", "Third colour"),
            Field(
                name="pattern",
                label="Pattern",
                suggestions=PATTERNS,
                help="The portrait is drawn from the colours, the pattern and the coat.",
                attributes=SHORT,
            ),
            Field(name="coat", label="Coat", kind="select", options=COATS),
        ),
    ),
    Section(
        "Company",
        (
            Field(name="goodWith.children", label="Good with children", kind="select", options=CHILDREN),
            Field(name="goodWith.cats", label="Good with other cats", kind="select", options=COMPANY),
            Field(name="goodWith.dogs", label="Good with dogs", kind="select", options=COMPANY),
            Field(
                name="bondedWith",
                label="Bonded with",
                kind="cats",
                help="The names of cats that must stay together with this one, separated by commas.",
            ),
        ),
    ),
    Section(
        "Health",
        (
            Field(name="altered", label="Spayed or neutered", kind="select", options=YES_NO),
            _date("alteredOn", "Spayed or neutered on"),
            Field(name="fiv", label="FIV test", kind="select", options=TESTS),
            Field(name="felv", label="FeLV test", kind="select", options=TESTS),
            _date("testedOn", "Tested on"),
            Field(
                name="vaccinations",
                label="Vaccinations",
                kind="rows",
                row="Vaccination",
                help="Those that were given, and those that are due. Empty a row to remove it.",
                columns=(
                    Field(name="type", label="Vaccine", suggestions=VACCINES, attributes=SHORT),
                    _date("givenOn", "Given on"),
                    _date("expiresOn", "Lasts until"),
                    _date("dueOn", "Due on"),
                    Field(name="batch", label="Batch", attributes=SHORT),
                ),
            ),
            Field(
                name="microchips",
                label="Microchips",
                kind="rows",
                row="Microchip",
                help=f"Empty a row to remove it. {STAFF_ONLY}",
                columns=(
                    Field(
                        name="number",
                        label="Number",
                        kind="chip",
                        attributes={"maxlength": 32, "autocapitalize": "characters"},
                    ),
                    _date("implantedOn", "Implanted on"),
                ),
            ),
            Field(name="specialNeeds.has", label="Has special needs", kind="checkbox"),
            Field(
                name="specialNeeds.note",
                label="Special needs",
                kind="textarea",
                attributes={"rows": 3},
                help="In words.",
            ),
            Field(name="specialNeeds.diet", label="Diet", kind="textarea", attributes={"rows": 2}),
        ),
    ),
    Section(
        "Adoption",
        (
            Field(
                name="adoptionFee",
                label="Adoption fee",
                kind="money",
                help="For example 120, or 120 EUR. 0 is an adoption for free.",
            ),
        ),
    ),
    Section(
        "For the staff",
        (
            Field(
                name="staffNotes",
                label="Notes",
                kind="textarea",
                help=STAFF_ONLY,
                attributes={"rows": 6, "maxlength": 4000},
            ),
        ),
    ),
)
