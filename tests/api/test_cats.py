"""Cats: public visibility, staff fields, names, validation and adoption blockers."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from api.domain.cat_views import StaffCat
from api.domain.cats import PUBLIC_STATUSES, CatStatus
from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import writes_nothing

STATUSES = get_args(CatStatus)


def test_put_with_an_empty_body_creates_a_cat_with_defaults(cafe: TestApp) -> None:
    response = cafe.staff.put("/cats/luna", {})
    assert response.status_code == 201
    assert response.headers["Location"] == "/cats/luna"
    assert cafe.staff.get("/cats/luna").get_json() == response.get_json()
    assert response.json | {
        "name": "luna", "sex": "unknown", "birthDate": None, "birthDateExact": False, "ageGroup": None,
        "breed": {"primary": None, "secondary": None, "mixed": False}, "coat": None, "altered": "unknown",
        "goodWith": {"cats": "unknown", "dogs": "unknown", "children": "unknown"}, "fiv": "unknown", "felv": "unknown",
        "microchips": [], "vaccinations": [], "bondedWith": [], "adoptionFee": None, "staffNotes": None, "version": 1,
        "location": {"area": None, "unit": None, "onFloor": False}, "status": "intake",
        "specialNeeds": {"has": False, "note": None, "diet": None},
        "created": "2026-11-22T12:00:00Z", "updated": "2026-11-22T12:00:00Z", "alteredOn": None, "testedOn": None,
    } == response.json  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
def test_public_sees_only_cats_in_a_public_status(cafe: TestApp, status: str) -> None:
    staff, public = cafe.staff, cafe.public
    staff.put("/cats/luna", {"status": status})
    visible = status in {"resident", "available", "reserved", "trial"}
    assert staff.get("/cats/luna").status_code == 200
    assert public.get("/cats/luna").status_code == (200 if visible else 404)
    for query in ("", f"?status={status}", "?sort=newest", "?sort=age", "?name=l", "?goodWith.children=unknown"):
        assert [cat["name"] for cat in staff.get(f"/cats{query}").json["items"]] == ["luna"]
        assert [cat["name"] for cat in public.get(f"/cats{query}").json["items"]] == (["luna"] if visible else [])
    assert frozenset(status for status in STATUSES if status in PUBLIC_STATUSES) == PUBLIC_STATUSES


def test_hidden_cat_is_404_with_the_same_bytes_as_a_missing_cat(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"status": "hold"})
    for headers in ({}, {"If-None-Match": "*"}, {"If-Match": "*"}):
        hidden, missing = (cafe.public.get(f"/cats/{name}", headers) for name in ("luna", "nemo"))
        texts = [
            response.get_data(as_text=True).replace(response.headers["X-Request-Id"], "").replace(name, "")
            for response, name in ((hidden, "luna"), (missing, "nemo"))
        ]
        assert texts[0] == texts[1]
        for response in (hidden, missing):
            del response.headers["X-Request-Id"]
        assert dict(hidden.headers) == dict(missing.headers)


def test_a_member_sees_what_the_public_sees(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"status": "available", "staffNotes": "Luna bites."})
    cafe.staff.put("/cats/tom", {"status": "hold"})
    member = cafe.client("member")
    for path in ("/cats", "/cats/luna", "/cats?sort=newest"):
        assert member.get(path).data == cafe.public.get(path).data
    problem(member.get("/cats/tom"), 404)


def test_staff_notes_and_blockers_are_never_public(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"status": "available", "staffNotes": "Luna bites.", "description": "Luna purrs."})
    private = {"staffNotes", "blockers", "holdUntil", "microchips"}
    chosen = f"fields={','.join(StaffCat.__struct_encode_fields__)}"
    for path in ("/cats/luna", f"/cats/luna?{chosen}", "/cats", f"/cats?{chosen}", "/cats?sort=age"):
        text = cafe.public.get(path).get_data(as_text=True)
        assert "Luna purrs." in text
        assert not [word for word in ("Luna bites.", "hidden", "uid", *private) if word in text]
        assert "Luna bites." in cafe.staff.get(path).get_data(as_text=True)
    assert cafe.public.get("/cats/luna?fields=staffNotes,name").json == {"name": "luna"}
    assert cafe.staff.get("/cats/luna").json.keys() - cafe.public.get("/cats/luna").json.keys() == private


def test_internal_fields_are_not_returned(cafe: TestApp) -> None:
    body = cafe.staff.put("/cats/luna", {}).json
    assert body.keys() == set(StaffCat.__struct_encode_fields__)
    assert not {"uid", "hiddenBonds"} & body.keys()


def test_unicode_forms_of_a_name_are_one_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    assert staff.put("/cats/Zoe\u0308", {}).headers["Location"] == "/cats/Zo%C3%AB"
    assert staff.get("/cats/%20Zo\u00eb%20").json["name"] == "Zo\u00eb"
    assert staff.put("/cats/Zo\u00eb", {"name": "Zoe\u0308"}).status_code == 200
    assert staff.get("/cats/zo\u00eb").status_code == 404


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"birthDate": "2026-11-23"}, ["/birthDate"]),
        ({"birthDate": "1966-11-21"}, ["/birthDate"]),
        ({"birthDate": "2026-02-30"}, ["/birthDate"]),
        ({"birthDate": "2020-01-01", "alteredOn": "2019-12-31", "testedOn": "2027-01-01"}, ["/alteredOn", "/testedOn"]),
        ({"microchips": [{"number": "276098106234567\n"}]}, ["/microchips/0/number"]),
        ({"microchips": [{"number": "276098106234567", "implantedOn": "2027-01-01"}]}, ["/microchips/0/implantedOn"]),
        ({"microchips": [{"number": "123456789"}] * 6}, ["/microchips"]),
        ({"vaccinations": [{"type": "rabies"}, {"type": "x", "givenOn": "2027-01-01"}]}, ["/vaccinations/1/givenOn"]),
        ({"vaccinations": [{"type": ""}, {"dueOn": "soon"}]},
         ["/vaccinations/0/type", "/vaccinations/1/dueOn", "/vaccinations/1/type"]),
        ({"bondedWith": ["tom"] * 11}, ["/bondedWith"]),
        ({"bondedWith": ["..", "tom", "a/b"]}, ["/bondedWith/0", "/bondedWith/1", "/bondedWith/2"]),
        ({"adoptionFee": {"amount": 1, "currency": "XXX"}}, ["/adoptionFee/currency"]),
        ({"adoptionFee": {"amount": 1}}, ["/adoptionFee/currency"]),
        ({"status": "lost", "coat": "wet", "fiv": None}, ["/coat", "/fiv", "/status"]),
        ({"description": "x" * 4001, "pattern": ""}, ["/description", "/pattern"]),
    ],
)  # fmt: skip
def test_invalid_cat_is_422(cafe: TestApp, body: dict[str, Any], expected: list[str]) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        assert pointers(staff.put("/cats/luna", body)) == expected
        assert pointers(staff.post("/cats", {"name": "luna"} | body)) == expected


def test_adoption_blockers_change_with_the_date(cafe: TestApp) -> None:
    staff = cafe.staff
    body = {"status": "available", "birthDate": "2026-10-01", "fiv": "negative", "felv": "negative", "altered": "yes"}
    body |= {"microchips": [{"number": "276098106234567"}]}
    body |= {"vaccinations": [{"type": "rabies", "givenOn": "2026-11-20", "expiresOn": "2026-11-27"}]}
    response = staff.put("/cats/luna", body)
    assert [blocker["code"] for blocker in response.json["blockers"]] == ["too-young"]
    assert response.json["blockers"][0]["clearedBy"] == "Wait until 2026-11-26."
    tag = response.headers["ETag"]
    cafe.clock.advance(days=4)
    staff = cafe.staff
    later = staff.get("/cats/luna", {"If-None-Match": tag})
    assert (later.status_code, later.json["blockers"]) == (200, [])
    cafe.clock.advance(days=1)
    assert [blocker["code"] for blocker in cafe.staff.get("/cats/luna").json["blockers"]] == ["vaccination-due"]
