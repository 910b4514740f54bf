"""Short texts of bodies are not blank, wherever they are. Stored texts may be older than this rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from api.domain.cat_fields import ShortText
from api.domain.cats import Cat, CreateCat
from api.domain.entity import first_version
from api.domain.pies import CreatePie
from api.domain.users import CreateUser
from api.services.mappings import CAT
from tests.support.app import TestApp, pointers
from tests.support.factories import NOON

BODIES: dict[str, tuple[type[msgspec.Struct], dict[str, Any]]] = {
    "/cats": (CreateCat, {"name": "luna"}),
    "/pies": (CreatePie, {"name": "apple"}),
    "/users": (CreateUser, {"username": "ada", "password": "correct horse battery"}),
}


def blank_members(struct: type[msgspec.Struct], blank: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the pointer of each short text, and a body in which it is blank."""
    hints = get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        options = [hints[field.name], *get_args(hints[field.name])]
        if ShortText in options:
            yield f"/{field.encode_name}", {field.encode_name: blank}
        for option in [inner for outer in options for inner in (outer, *get_args(outer))]:
            if isinstance(option, type) and issubclass(option, msgspec.Struct):
                in_list = any("tuple" in str(each) for each in options)
                for pointer, body in blank_members(option, blank):
                    member: Any = [{"type": "FVRCP"} | body] if in_list else body
                    yield f"/{field.encode_name}{'/0' * in_list}{pointer}", {field.encode_name: member}


@pytest.mark.parametrize("path", BODIES)
def test_blank_short_text_is_422(cafe: TestApp, path: str) -> None:
    struct, required = BODIES[path]
    found = []
    for blank in (" ", "\t\n", "\u2003\u00a0"):
        for pointer, body in blank_members(struct, blank):
            found.append(pointer)
            assert pointers(cafe.client("owner").post(path, required | body)) == [pointer]
    expected = {"/cats": 10, "/pies": 1, "/users": 1}
    assert len(set(found)) == expected[path], sorted(set(found))


def test_stored_blank_text_can_be_read(cafe: TestApp) -> None:
    cat = Cat(name="luna", uid="u", pattern=" ", status="available", **first_version(NOON))
    cafe.table.transact([CAT.put(cat, "rev", None)], "rev")
    assert cafe.public.get("/cats/luna").json["pattern"] == " "
    assert pointers(cafe.staff.patch("/cats/luna", {"sex": "female"}, if_match="*")) == ["/pattern"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"vaccinations": [{"type": "a", "givenOn": "2026-11-20", "expiresOn": "2026-11-19"}]},
            "/vaccinations/0/expiresOn",
        ),
        ({"altered": "no", "alteredOn": "2026-11-20"}, "/alteredOn"),
        ({"microchips": [{"number": "0123456789"}, {"number": "0123456789"}]}, "/microchips/1/number"),
    ],
)
def test_contradiction_is_422(cafe: TestApp, body: dict[str, Any], expected: str) -> None:
    assert pointers(cafe.staff.put("/cats/luna", body)) == [expected]


def test_dates_without_a_contradiction_are_accepted(cafe: TestApp) -> None:
    shots = [
        {"type": "a", "givenOn": "2026-11-20", "expiresOn": "2026-11-20"},
        {"type": "b", "expiresOn": "2020-01-01"},
    ]
    body = {"vaccinations": shots, "alteredOn": "2026-11-20", "testedOn": "2026-11-20"}
    assert cafe.staff.put("/cats/luna", body).status_code == 201
