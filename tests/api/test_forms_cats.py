"""The form of a cat: it has every member that a client may write, and loses nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct

from api.domain.cats import ReplaceCat
from api.http.schemas import iter_structs
from api.http.validation import get_type_hints
from api.web.forms.cats import COLORS, PATTERNS, SECTIONS
from api.web.forms.fields import Field
from api.web.portrait.words import read_look
from tests.support.app import TestApp
from tests.support.forms import Values, browser_of, send, values
from tests.support.inspection import writes_nothing
from tests.support.users import BrowserClient

FULL: dict[str, Any] = {
    "sex": "female",
    "birthDate": "2024-05-01",
    "birthDateExact": True,
    "breed": {"primary": "Persian", "secondary": "two\nlines", "mixed": True},
    "colors": {"primary": "black", "secondary": "white", "tertiary": "grey"},
    "pattern": " tabby ",
    "coat": "long",
    "altered": "yes",
    "alteredOn": "2025-01-01",
    "microchips": [
        {"number": "276098106234567", "implantedOn": "2025-01-02"},
        {"number": "276098106234568", "implantedOn": None},
    ],
    "fiv": "negative",
    "felv": "positive",
    "testedOn": "2025-01-01",
    "vaccinations": [
        {
            "type": "RCP",
            "dueOn": "2025-02-01",
            "givenOn": "2025-02-02",
            "expiresOn": "2028-02-02",
            "batch": "A <1>",
        },
        {"type": "rabies", "dueOn": "2027-01-01", "givenOn": None, "expiresOn": None, "batch": None},
    ],
    "goodWith": {"cats": "selective", "dogs": "no", "children": "over12"},
    "specialNeeds": {"has": True, "note": "Deaf.\r\nLoud.", "diet": "\nKidney food\n"},
    "bondedWith": ["miso"],
    "status": "hold",
    "location": {"area": "attic", "unit": "cage 3", "onFloor": True},
    "adoptionFee": {"amount": 12050, "currency": "EUR"},
    "description": "  Shy.\n\nBut soft. ",
    "staffNotes": "Bites <b>.\rSometimes.",
    "holdUntil": "2026-12-24",
}
"""Every member with another value than its default. Some texts have white space that browsers change."""


@pytest.fixture
def cafe(cafe: TestApp) -> TestApp:
    """The application with a full cat, who is bonded."""
    assert cafe.staff.put("/cats/miso", {}).status_code == 201
    assert cafe.staff.put("/cats/luna", FULL).status_code == 201
    return cafe


@pytest.fixture
def staff(cafe: TestApp) -> BrowserClient:
    """A browser in which a member of the staff is logged in."""
    return browser_of(cafe, "ada", "staff")


def stored(cafe: TestApp, name: str = "luna") -> dict[str, Any]:
    """Return the writable members of a cat as JSON."""
    response = cafe.staff.get(f"/cats/{name}")
    assert response.status_code == 200
    return {member: value for member, value in response.json.items() if member in FULL}


def members(struct: type[Struct], prefix: str = "") -> Iterator[str]:
    """Yield the members of a struct, and of the structs in it, as the names of fields. An array is a field."""
    hints = get_type_hints(struct)
    for name, json_name in zip(struct.__struct_fields__, struct.__struct_encode_fields__, strict=True):
        inner, is_array = list(iter_structs(hints[name])), "tuple" in str(hints[name])
        if inner and not is_array and json_name != "adoptionFee":
            yield from members(inner[0], f"{prefix}{json_name}.")
        else:
            yield prefix + json_name


def test_the_form_has_every_member_that_a_client_may_write() -> None:
    shown = {field.name: field for section in SECTIONS for field in section.fields}
    assert list(shown) == list(dict.fromkeys(shown)), "a field is there once"
    assert shown.keys() == set(members(ReplaceCat))
    assert FULL.keys() | {"name"} == set(ReplaceCat.__struct_encode_fields__)
    for name in ("vaccinations", "microchips"):
        assert {column.name for column in shown[name].columns} == FULL[name][0].keys()


def test_every_option_of_the_api_can_be_chosen() -> None:
    from typing import Literal, get_args, get_origin

    def literals(hint: Any) -> set[str]:
        if get_origin(hint) is Literal:
            return {*get_args(hint)}
        return {value for part in get_args(hint) for value in literals(part)}

    def hint_of(field: Field) -> Any:
        hint: Any = ReplaceCat
        for part in field.path:
            struct = hint if isinstance(hint, type) else next(iter(iter_structs(hint)))
            names = dict(zip(struct.__struct_encode_fields__, struct.__struct_fields__, strict=True))
            hint = get_type_hints(struct)[names[part]]
        return hint

    selects = [field for section in SECTIONS for field in section.fields if field.kind == "select"]
    assert len(selects) == 9
    for field in selects:
        assert {value for value, _ in field.options if value} == literals(hint_of(field)), field.name


def as_browsers_send(sent: Values) -> Values:
    """Return texts as a browser sends them: without line breaks in fields of one line, and with CRLF in the others."""
    long = {field.name for section in SECTIONS for field in section.fields if field.kind == "textarea"}
    return {
        name: [re.sub(r"\r\n|\r|\n", "\r\n" if name in long else "", text) for text in texts]
        for name, texts in sent.items()
    }


def test_an_unchanged_form_of_a_full_cat_writes_nothing(cafe: TestApp, staff: BrowserClient) -> None:
    sent = as_browsers_send(values(staff.open("/forms/cats/luna")))
    with writes_nothing(cafe):
        response = send(staff, "/forms/cats/luna", sent)
    assert (response.status_code, response.headers["Location"]) == (303, "/cats/luna?notice=saved")


def test_an_emptied_row_is_removed_and_a_filled_one_is_added(cafe: TestApp, staff: BrowserClient) -> None:
    before, sent = stored(cafe), values(staff.open("/forms/cats/luna"))
    assert (sent["vaccinations.1.type"], sent["vaccinations.3.type"]) == (["rabies"], [""])
    sent |= {name: [""] for name in sent if name.startswith("vaccinations.0.")}
    sent |= {"vaccinations.3.type": ["FeLV"], "vaccinations.3.givenOn": ["2026-11-02"]}
    sent |= {name: [""] for name in sent if name.startswith("microchips.")}
    assert send(staff, "/forms/cats/luna", sent).status_code == 303
    empty = dict.fromkeys(("dueOn", "expiresOn", "batch"))
    added = empty | {"type": "FeLV", "givenOn": "2026-11-02"}
    assert stored(cafe) == before | {"vaccinations": [before["vaccinations"][1], added], "microchips": []}


def test_the_error_of_a_cell_stands_in_its_row(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/cats/luna"))
    sent |= {name: [""] for name in sent if name.startswith("vaccinations.0.")}
    sent |= {"vaccinations.2.batch": ["<b>"], "vaccinations.1.givenOn": ["tomorrow"], "microchips.0.number": ["12"]}
    sent |= {"colors.primary": [" "], "adoptionFee": ["much"], "bondedWith": ["nobody, miso"]}
    with writes_nothing(cafe):
        response = send(staff, "/forms/cats/luna", sent)
    assert response.status_code == 422
    text, shown = response.text, values(response)
    assert '<a href="#vaccinations-0-givenOn">Vaccination 1: Given on</a>' in text
    assert '<a href="#vaccinations-1-type">Vaccination 2: Vaccine</a>' in text
    for name in ("microchips-0-number", "adoptionFee", "vaccinations-1-type"):
        assert f'id="{name}-error"' in text
    assert '<p class="field-error" id="bondedWith-error">There is no cat named nobody.</p>' in text
    assert (shown["vaccinations.0.type"], shown["vaccinations.0.givenOn"]) == (["rabies"], ["tomorrow"])
    assert (shown["vaccinations.1.batch"], shown["vaccinations.2.batch"]) == (["<b>"], [""])


def test_changes_of_rows_and_of_other_fields_are_merged(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/cats/luna")) | {"staffNotes": ["Kind."], "status": ["available"]}
    changes = {"vaccinations": FULL["vaccinations"][:1], "goodWith": {"cats": "yes"}, "status": "foster"}
    assert cafe.staff.patch("/cats/luna", changes, if_match="*").status_code == 200
    conflict = send(staff, "/forms/cats/luna", sent)
    assert (conflict.status_code, conflict.text.count("Save mine")) == (412, 1)
    merged = values(conflict)
    assert (merged["_choice.status"], merged["vaccinations.1.type"]) == (["mine"], [""])
    assert send(staff, "/forms/cats/luna", merged | {"_choice.status": ["theirs"]}).status_code == 303
    after = stored(cafe)
    assert (after["status"], after["staffNotes"], after["goodWith"]["cats"]) == ("foster", "Kind.", "yes")
    assert after["vaccinations"] == FULL["vaccinations"][:1]


def test_a_new_cat_needs_only_a_name(cafe: TestApp, staff: BrowserClient) -> None:
    sent = values(staff.open("/forms/cats")) | {"name": ["Zoë's friend"], "microchips.1.number": ["276098106239999"]}
    response = send(staff, "/forms/cats", sent)
    assert (response.status_code, response.headers["Location"]) == (303, "/cats/Zo%C3%AB%27s%20friend?notice=saved")
    cat = cafe.staff.get("/cats/Zoë's friend").json
    assert (cat["status"], cat["microchips"][0]["number"], cat["vaccinations"]) == ("intake", "276098106239999", [])
    taken = send(staff, "/forms/cats", values(staff.open("/forms/cats")) | {"name": ["luna"]})
    assert (taken.status_code, 'id="name-error"' in taken.text) == (422, True)


def test_the_portraits_understand_every_suggestion() -> None:
    unknown, plain = read_look("unknown", None, None, None), read_look("black", None, None, None)
    for color in COLORS.texts:
        assert read_look(color, None, None, None) != unknown or color == "grey"
    for pattern in PATTERNS.texts:
        assert read_look("black", None, None, pattern) != plain or pattern == "solid"
