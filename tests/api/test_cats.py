"""What is the cats' own: who may see which of them, what of them, and in which order."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from api.domain.cat_views import StaffCat
from api.domain.cats import PUBLIC_STATUSES, Status
from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import writes_nothing

STATUSES = get_args(Status)


def test_a_cat_put_with_nothing_is_a_cat(cafe: TestApp) -> None:
    answer = cafe.staff.put("/cats/luna", {})
    assert answer.status_code == 201
    assert answer.headers["Location"] == "/cats/luna"
    assert cafe.staff.get("/cats/luna").get_json() == answer.get_json()
    assert answer.json | {
        "name": "luna", "sex": "unknown", "birthDate": None, "birthDateExact": False, "ageGroup": None,
        "breed": {"primary": None, "secondary": None, "mixed": False}, "coat": None, "altered": "unknown",
        "goodWith": {"cats": "unknown", "dogs": "unknown", "children": "unknown"}, "fiv": "unknown", "felv": "unknown",
        "microchips": [], "vaccinations": [], "bondedWith": [], "adoptionFee": None, "staffNotes": None, "version": 1,
        "location": {"area": None, "unit": None, "onFloor": False}, "status": "intake",
        "specialNeeds": {"has": False, "note": None, "diet": None},
        "created": "2026-11-22T12:00:00Z", "updated": "2026-11-22T12:00:00Z", "alteredOn": None, "testedOn": None,
    } == answer.json  # fmt: skip


@pytest.mark.parametrize("status", STATUSES)
def test_the_public_sees_a_cat_in_a_public_status_and_no_other(cafe: TestApp, status: str) -> None:
    staff, public = cafe.staff, cafe.public
    staff.put("/cats/luna", {"status": status})
    seen = status in {"resident", "available", "reserved", "trial"}
    assert staff.get("/cats/luna").status_code == 200
    assert public.get("/cats/luna").status_code == (200 if seen else 404)
    for query in ("", f"?status={status}", "?sort=newest", "?sort=age", "?name=l", "?goodWith.children=unknown"):
        assert [cat["name"] for cat in staff.get(f"/cats{query}").json["items"]] == ["luna"]
        assert [cat["name"] for cat in public.get(f"/cats{query}").json["items"]] == (["luna"] if seen else [])
    assert frozenset(status for status in STATUSES if status in PUBLIC_STATUSES) == PUBLIC_STATUSES


def test_a_cat_that_the_public_may_not_see_is_404_byte_for_byte_like_one_that_is_not_there(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"status": "hold"})
    for ask in ({}, {"If-None-Match": "*"}, {"If-Match": "*"}):
        hidden, nobody = (cafe.public.get(f"/cats/{name}", ask) for name in ("luna", "nemo"))
        told = [
            answer.get_data(as_text=True).replace(answer.headers["X-Request-Id"], "").replace(name, "")
            for answer, name in ((hidden, "luna"), (nobody, "nemo"))
        ]
        assert told[0] == told[1]
        for answer in (hidden, nobody):
            del answer.headers["X-Request-Id"]
        assert dict(hidden.headers) == dict(nobody.headers)


def test_a_member_sees_what_the_public_sees(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"status": "available", "staffNotes": "She bites."})
    cafe.staff.put("/cats/tom", {"status": "hold"})
    member = cafe.client("member")
    for path in ("/cats", "/cats/luna", "/cats?sort=newest"):
        assert member.get(path).data == cafe.public.get(path).data
    problem(member.get("/cats/tom"), 404)


def test_staff_notes_and_blockers_are_never_public(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"status": "available", "staffNotes": "She bites.", "description": "She purrs."})
    private = {"staffNotes", "blockers", "holdUntil"}
    chosen = f"fields={','.join(StaffCat.__struct_encode_fields__)}"
    for path in ("/cats/luna", f"/cats/luna?{chosen}", "/cats", f"/cats?{chosen}", "/cats?sort=age"):
        text = cafe.public.get(path).get_data(as_text=True)
        assert "She purrs." in text
        assert not [word for word in ("She bites.", "hidden", "uid", *private) if word in text]
        assert "She bites." in cafe.staff.get(path).get_data(as_text=True)
    assert cafe.public.get("/cats/luna?fields=staffNotes,name").json == {"name": "luna"}
    assert cafe.staff.get("/cats/luna").json.keys() - cafe.public.get("/cats/luna").json.keys() == private


def test_what_is_kept_beside_a_cat_is_told_to_nobody(cafe: TestApp) -> None:
    told = cafe.staff.put("/cats/luna", {}).json
    assert told.keys() == set(StaffCat.__struct_encode_fields__)
    assert not {"uid", "hiddenBonds"} & told.keys()


def test_two_spellings_of_a_name_are_one_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    assert staff.put("/cats/Zoe\u0308", {}).headers["Location"] == "/cats/Zo%C3%AB"
    assert staff.get("/cats/%20Zo\u00eb%20").json["name"] == "Zo\u00eb"
    assert staff.put("/cats/Zo\u00eb", {"name": "Zoe\u0308"}).status_code == 200
    assert staff.get("/cats/zo\u00eb").status_code == 404


@pytest.mark.parametrize(
    ("body", "where"),
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
        ({"status": "future_cards", "coat": "wet", "fiv": None}, ["/coat", "/fiv", "/status"]),
        ({"description": "x" * 4001, "pattern": ""}, ["/description", "/pattern"]),
    ],
)  # fmt: skip
def test_what_cannot_be_true_of_a_cat_is_422(cafe: TestApp, body: dict[str, Any], where: list[str]) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        assert pointers(staff.put("/cats/luna", body)) == where
        assert pointers(staff.post("/cats", {"name": "luna"} | body)) == where


def test_blockers_say_what_stands_against_an_adoption_and_change_with_the_day(cafe: TestApp) -> None:
    staff = cafe.staff
    body = {"status": "available", "birthDate": "2026-10-01", "fiv": "negative", "felv": "negative", "altered": "yes"}
    body |= {"microchips": [{"number": "276098106234567"}]}
    body |= {"vaccinations": [{"type": "rabies", "givenOn": "2026-11-20", "expiresOn": "2026-11-27"}]}
    told = staff.put("/cats/luna", body)
    assert [blocker["code"] for blocker in told.json["blockers"]] == ["too-young"]
    assert told.json["blockers"][0]["clearedBy"] == "Wait until 2026-11-26."
    tag = told.headers["ETag"]
    cafe.clock.advance(days=4)
    staff = cafe.staff
    later = staff.get("/cats/luna", {"If-None-Match": tag})
    assert (later.status_code, later.json["blockers"]) == (200, [])
    cafe.clock.advance(days=1)
    assert [blocker["code"] for blocker in cafe.staff.get("/cats/luna").json["blockers"]] == ["vaccination-due"]
