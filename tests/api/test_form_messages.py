"""The messages of forms: each error of the API in the words of the form. ``test_every_page.py`` sends every form."""

from __future__ import annotations

from typing import Any

import pytest

from api.domain.errors import FieldError
from api.web.forms import cats, pies, posts, site, todos
from api.web.forms.fields import Section, all_fields
from api.web.forms.messages import GENERIC, errors_by_field
from tests.support.app import TestApp

DAY, LATER = "2026-11-20", "2026-11-21"
CHIPS = ["276098106234567", "276098106234568"]
CASES: list[tuple[str, tuple[Section, ...], dict[str, Any], dict[str, str]]] = [
    (
        "/cats/luna",
        cats.SECTIONS,
        {
            "altered": "no", "alteredOn": LATER, "birthDate": LATER, "testedOn": DAY,
            "vaccinations": [{"type": "RCP", "givenOn": "2026-11-22", "expiresOn": LATER}],
            "microchips": [{"number": number} for number in (*CHIPS, CHIPS[0])],
        },
        {
            "alteredOn": "This has a day, but “Spayed or neutered” is “No”.",
            "testedOn": "Tested on must not be before “Birth date”.",
            "vaccinations.0.expiresOn": "Lasts until must not be before “Given on”.",
            "microchips.2.number": f"{CHIPS[0]} is listed twice.",
        },
    ),
    (
        "/cats/inky",
        cats.SECTIONS,
        {"microchips": [{"number": number} for number in CHIPS * 3], "description": "x" * 4001, "coat": "bald"},
        {
            "microchips": "There may be at most 5.", "description": "Write at most 4000 characters.",
            "coat": "Choose one of these.",
        },
    ),
    (
        "/todos",
        todos.SECTIONS,
        {
            "title": "Pill", "due": DAY, "waitUntil": "2026-11-22T00:00:00Z", "blockedBy": ["gone", "gone"],
            "recurrence": {"every": 2, "unit": "hours"},
        },
        {
            "waitUntil": "This must not be later than the due date.",
            "blockedBy": "This to-do is listed twice. One of these does not exist any more. Clear its box.",
            "recurrence.unit": "A to-do that recurs by hours needs a due date with a time.",
        },
    ),
    (
        "/todos",
        todos.SECTIONS,
        {"title": "", "recurrence": {"unit": "years"}, "blockedBy": [f"a{number}" for number in range(21)]},
        {
            "title": "This cannot be empty.", "recurrence.every": "This cannot be empty.",
            "recurrence.unit": "Choose one of these.", "blockedBy": "Choose at most 20.",
        },
    ),
    (
        "/pies/cherry",
        pies.SECTIONS,
        {"diets": ["glutenFree"], "allergens": ["gluten"], "rate": {"amount": 1, "currency": "XXX"}, "available": 1},
        {
            "diets": "The diet gluten-free does not allow gluten.", "available": GENERIC,
            "rate": "This currency is not known. Write a code such as EUR, GBP or USD.",
        },
    ),
    (
        "/posts",
        posts.SECTIONS,
        {"title": "News", "body": "&" * 20_000, "cats": ["a;b"]},
        {
            "body": "This text is too long. Shorten it.",
            "cats": "A name may only have letters, digits, space, '.', '-' and \"'\"; found “;”.",
        },
    ),
    (
        "/site",
        site.SECTIONS,
        {
            "telephone": "none", "theme": "pink", "name": "\u200bTom",
            "openingHours": {"monday": [{"opens": "09:00", "closes": "12:00"}, {"opens": "11:00", "closes": "14:00"}]},
        },
        {
            "telephone": "Telephone must have digits, such as +44 117 496 0123.", "theme": "Choose one of these.",
            "name": "This has an invisible character. Type it again.",
            "openingHours.monday": "11:00 to 14:00 overlaps 09:00 to 12:00.",
        },
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "sections", "body", "messages"), CASES)
def test_a_form_says_in_its_own_words_what_the_api_refuses(
    cafe: TestApp, path: str, sections: tuple[Section, ...], body: dict[str, Any], messages: dict[str, str]
) -> None:
    owner = cafe.client("owner")
    if path == "/site":
        response = owner.patch(path, body, if_match="*")
    else:
        response = (owner.post if path in ("/todos", "/posts") else owner.put)(path, body)
    assert response.status_code == 422
    errors = [FieldError(error["code"], error["detail"], error["pointer"]) for error in response.json["errors"]]
    found, others = errors_by_field(all_fields(sections, is_new=True), errors)
    assert ({name: " ".join(texts) for name, texts in found.items()}, others) == (messages, [])


def test_a_refusal_without_a_field_has_no_words_of_the_api() -> None:
    refusals = {
        "This user has been registered and deleted. To register again, use a new Idempotency-Key.": (
            "This user has been registered and deleted. To register again, open this form again."
        ),
        "This change writes 120 items, and one transaction has at most 100. Split the change into several requests.": (
            "This is too much to save at once. Shorten the texts."
        ),
    }
    errors = [FieldError("not_allowed", detail) for detail in refusals]
    assert errors_by_field([], errors) == ({}, list(refusals.values()))
