"""Pies: names, rates, allergens, diets and the plain text representation."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing

TEXT = {"Accept": "text/plain"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HELP = "rate: Rate to charge for this resource, an integer in pence. "
ALLERGENS = [
    "celery", "gluten", "crustaceans", "eggs", "fish", "lupin", "milk", "molluscs", "mustard", "nuts", "peanuts",
    "sesame", "soybeans", "sulphites",
]  # fmt: skip
DIETS = ["vegan", "vegetarian", "glutenFree", "dairyFree", "nutFree", "halal", "kosher"]


def test_put_with_an_empty_body_creates_a_pie_with_defaults(cafe: TestApp) -> None:
    response = cafe.staff.put("/pies/cherry", {})
    assert (response.status_code, response.headers["Location"]) == (201, "/pies/cherry")
    assert cafe.public.get("/pies/cherry").json == response.json == {
        "name": "cherry", "publicName": "cherry", "rate": None, "description": None, "allergens": None, "diets": [],
        "available": True, "soldOutUntil": None, "soldOut": False, "photos": [], "version": 1,
        "created": "2026-11-22T12:00:00Z", "updated": "2026-11-22T12:00:00Z",
    }  # fmt: skip


def test_pie_returns_all_fields_as_sent(cafe: TestApp) -> None:
    body = {
        "publicName": "Cherry & cream", "rate": {"amount": 420, "currency": "EUR"}, "description": "Sour.",
        "allergens": ["gluten", "milk"], "diets": ["vegetarian", "nutFree"], "available": False,
        "soldOutUntil": "2026-11-23T08:00:00Z",
    }  # fmt: skip
    created = cafe.staff.post("/pies", {"name": "cherry"} | body)
    assert created.status_code == 201
    assert cafe.public.get("/pies/cherry").json == created.json == created.json | body | {"soldOut": True}


@pytest.mark.parametrize("allergen", ALLERGENS)
def test_each_of_the_14_allergens_is_accepted(cafe: TestApp, allergen: str) -> None:
    assert cafe.staff.put("/pies/cherry", {"allergens": [allergen]}).json["allergens"] == [allergen]


def test_allergens_and_diets_are_lists_of_unique_known_values(cafe: TestApp) -> None:
    staff = cafe.staff
    assert staff.put("/pies/cherry", {"allergens": ALLERGENS, "diets": ["halal", "kosher"]}).status_code == 201
    assert staff.put("/pies/plain", {"allergens": [], "diets": DIETS}).json["diets"] == DIETS
    body = {"allergens": ["milk", "milk", "cheese", 3], "diets": ["Vegan", "vegan"]}
    assert pointers(staff.put("/pies/x", body)) == ["/allergens/2", "/allergens/3", "/diets/0"]
    body = {"allergens": ["milk", "milk"], "diets": ["halal", "vegan"]}
    assert pointers(staff.put("/pies/x", body)) == ["/allergens/1", "/diets/1"]
    problem(cafe.public.get("/pies/x"), 404)


def test_plain_text_lists_the_pies_in_order_of_creation(cafe: TestApp) -> None:
    staff, public = cafe.staff, cafe.public
    for path in ("/", "/pies"):
        assert public.get(path, TEXT).get_data(as_text=True) == ""
    for name in ("cherry", "steak & kidney", "fisherman's"):
        assert staff.post("/pies", {"name": name}).status_code == 201
        cafe.clock.advance(microseconds=1)
    staff.put("/pies/cherry", {"available": False, "publicName": "Another name"})
    for path in ("/", "/pies"):
        response = public.get(path, TEXT)
        assert response.get_data(as_text=True) == "cherry, steak & kidney, fisherman's"
        assert response.content_type == "text/plain; charset=utf-8"
    pie = public.get("/pies/cherry", TEXT)
    assert (pie.get_data(as_text=True), pie.content_type) == ("Pie: cherry", "text/plain; charset=utf-8")


@pytest.mark.parametrize("path", ["/", "/pies", "/pies/cherry"])
def test_plain_text_has_its_own_etag_and_supports_conditional_reads(cafe: TestApp, path: str) -> None:
    cafe.staff.put("/pies/cherry", {})
    public = cafe.public
    response = public.get(path, TEXT)
    assert etag(response) != etag(public.get(path))
    assert "Accept" in response.headers["Vary"].split(", ")
    assert ("max-age=5" in response.headers["Cache-Control"]) == (path == "/pies")
    head = public.send("HEAD", path, TEXT)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(response.data)))
    assert (etag(head), head.content_type) == (etag(response), response.content_type)
    not_modified = public.get(path, TEXT | {"If-None-Match": etag(response)})
    assert (not_modified.status_code, not_modified.data, etag(not_modified), not_modified.headers["Vary"]) == (
        304,
        b"",
        etag(response),
        response.headers["Vary"],
    )
    assert public.get(path, {"If-None-Match": etag(response)}).status_code == 200
    problem(public.get(path, TEXT | {"If-Match": '"other"'}), 412)
    cafe.clock.advance(seconds=1)
    cafe.staff.put("/pies/apple", {})
    cafe.staff.patch("/pies/cherry", {"description": "New"}, if_match="*")
    assert public.get(path, TEXT | {"If-None-Match": etag(response)}).status_code == 200
    assert "application/json" in problem(public.get(path, {"Accept": "image/png"}), 406)["available"]


@pytest.mark.parametrize("is_form", [False, True], ids=["JSON", "form"])
def test_rate_may_be_an_integer_in_pence(cafe: TestApp, is_form: bool) -> None:
    staff = cafe.staff
    if is_form:
        created = staff.send("POST", "/pies", FORM, data="name=steak+%26+kidney&rate=350&available=true")
    else:
        created = staff.post("/pies", {"name": "steak & kidney", "rate": 350})
    assert created.status_code == 201
    assert created.headers["Location"] == "/pies/steak%20%26%20kidney"
    assert cafe.public.get(created.headers["Location"]).json["rate"] == {"amount": 350, "currency": "GBP"}
    assert staff.put(created.headers["Location"], {"rate": 0}).json["rate"] == {"amount": 0, "currency": "GBP"}
    patched = staff.patch(created.headers["Location"], {"rate": 1_000_000_000}, if_match="*")
    assert patched.json["rate"] == {"amount": 1_000_000_000, "currency": "GBP"}
    merged = staff.patch(created.headers["Location"], {"rate": {"currency": "EUR"}}, if_match="*")
    assert merged.json["rate"] == {"amount": 1_000_000_000, "currency": "EUR"}


@pytest.mark.parametrize("rate", ["350", "dear", 3.5, -1, True, [], 1_000_000_001, 10**30])
def test_invalid_rate_is_422_with_the_help_of_the_field(cafe: TestApp, rate: Any) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        body = problem(staff.post("/pies", {"name": "cherry", "rate": rate}), 422)
        assert pointers(staff.put("/pies/cherry", {"rate": rate})) == ["/rate"]
    assert body["detail"].startswith(HELP)
    assert [error["pointer"] for error in body["errors"]] == ["/rate"]


@pytest.mark.parametrize("rate", ["dear", "3.5", "+3", "03", " 3", "1e-3", "٣"])
def test_integer_in_a_form_must_be_written_as_in_json(cafe: TestApp, rate: str) -> None:
    body = problem(cafe.staff.send("POST", "/pies", data={"name": "cherry", "rate": rate}, headers=FORM), 422)
    assert body["detail"].startswith(HELP)


@pytest.mark.parametrize(
    ("rate", "field"),
    [({"amount": 1}, "currency"), ({"currency": "GBP"}, "amount"), ({"amount": 1, "currency": "gbp"}, "currency"),
     ({"amount": "1", "currency": "GBP"}, "amount"), ({"amount": 1, "currency": "GBP", "tip": 1}, "tip")],
)  # fmt: skip
def test_rate_as_money_needs_an_amount_and_a_currency(cafe: TestApp, rate: Any, field: str) -> None:
    assert pointers(cafe.staff.post("/pies", {"name": "cherry", "rate": rate})) == [f"/rate/{field}"]


def test_missing_or_blank_name_is_422(cafe: TestApp) -> None:
    staff = cafe.staff
    for response in (
        staff.post("/pies", {}), staff.post("/pies", {"name": ""}), staff.post("/pies", {"name": "   "}),
        staff.send("POST", "/pies", FORM, data="rate=3"), staff.send("POST", "/pies", FORM, data="name=&rate=3"),
    ):  # fmt: skip
        assert problem(response, 422)["errors"] == [
            {"code": "required", "detail": "Name cannot be blank!", "pointer": "/name"}
        ]
    assert pointers(staff.post("/pies", {"name": None, "colour": "red", "rate": "x"})) == ["/colour", "/name", "/rate"]
    assert pointers(staff.send("POST", "/pies", FORM, data="colour=red")) == ["/colour", "/name"]
    assert staff.get("/pies").json == {"items": []}


def test_public_name_defaults_to_the_name(cafe: TestApp) -> None:
    staff = cafe.staff
    assert staff.send("POST", "/pies", FORM, data="name=cherry").json["publicName"] == "cherry"
    assert staff.patch("/pies/cherry", {"publicName": "Sour"}, if_match="*").json["publicName"] == "Sour"
    assert staff.patch("/pies/cherry", {"rate": 3}, if_match="*").json["publicName"] == "Sour"
    assert staff.patch("/pies/cherry", {"publicName": None}, if_match="*").json["publicName"] == "cherry"
    assert staff.put("/pies/cherry", {"publicName": "x" * 64}).json["publicName"] == "x" * 64
    assert pointers(staff.put("/pies/cherry", {"publicName": ""})) == ["/publicName"]
    assert pointers(staff.put("/pies/cherry", {"publicName": "x" * 65})) == ["/publicName"]


@pytest.mark.parametrize("path", ["steak%20%26%20kidney", "steak%20&%20kidney", "%20steak%20%26%20kidney%20"])
def test_ampersand_in_a_url_is_part_of_the_name(cafe: TestApp, path: str) -> None:
    assert cafe.staff.put(f"/pies/{path}", {"name": " steak & kidney"}).status_code == 201
    assert [pie["name"] for pie in cafe.public.get("/pies").json["items"]] == ["steak & kidney"]
    assert cafe.public.get("/pies/steak%20%26%20kidney", TEXT).data == b"Pie: steak & kidney"
    problem(cafe.public.get("/pies/steak"), 404)
    assert cafe.staff.delete(f"/pies/{path}").status_code == 204


@pytest.mark.parametrize(
    ("name", "status"),
    [("fisherman's", 201), ("fisherman%27s", 201), ("Käse", 201), ("x" * 64, 201), ("x" * 65, 422), ("x" * 70, 422),
     ("%26", 422), ("🥧", 422), ("a%2Bb", 422), ("a%22b", 422), ("%20", 422), ("..", 422)],
)  # fmt: skip
def test_name_has_letters_digits_and_some_punctuation(cafe: TestApp, name: str, status: int) -> None:
    response = cafe.staff.put(f"/pies/{name}", {})
    assert response.status_code == status
    assert cafe.public.get(f"/pies/{name}").status_code == (200 if status == 201 else 404)
    if status == 201:
        assert cafe.public.get(response.headers["Location"]).json == response.json
    else:
        assert pointers(response) == ["/name"]
