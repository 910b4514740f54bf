"""What is the pies' own: what they are called, what they cost, what they declare, and how they read as plain text."""

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


def test_a_pie_put_with_nothing_is_a_pie_that_declares_nothing(cafe: TestApp) -> None:
    answer = cafe.staff.put("/pies/cherry", {})
    assert (answer.status_code, answer.headers["Location"]) == (201, "/pies/cherry")
    assert cafe.public.get("/pies/cherry").json == answer.json == {
        "name": "cherry", "publicName": "cherry", "rate": None, "description": None, "allergens": None, "diets": [],
        "available": True, "soldOutUntil": None, "soldOut": False, "version": 1,
        "created": "2026-11-22T12:00:00Z", "updated": "2026-11-22T12:00:00Z",
    }  # fmt: skip


def test_a_pie_says_all_that_was_written_of_it(cafe: TestApp) -> None:
    told = {
        "publicName": "Cherry & cream", "rate": {"amount": 420, "currency": "EUR"}, "description": "Sour.",
        "allergens": ["gluten", "milk"], "diets": ["vegetarian", "nutFree"], "available": False,
        "soldOutUntil": "2026-11-23T08:00:00Z",
    }  # fmt: skip
    made = cafe.staff.post("/pies", {"name": "cherry"} | told)
    assert made.status_code == 201
    assert cafe.public.get("/pies/cherry").json == made.json == made.json | told | {"soldOut": True}


@pytest.mark.parametrize("allergen", ALLERGENS)
def test_each_of_the_fourteen_allergens_can_be_declared(cafe: TestApp, allergen: str) -> None:
    assert cafe.staff.put("/pies/cherry", {"allergens": [allergen]}).json["allergens"] == [allergen]


def test_all_allergens_and_all_diets_are_lists_of_known_words_each_once(cafe: TestApp) -> None:
    staff = cafe.staff
    assert staff.put("/pies/cherry", {"allergens": ALLERGENS, "diets": ["halal", "kosher"]}).status_code == 201
    assert staff.put("/pies/plain", {"allergens": [], "diets": DIETS}).json["diets"] == DIETS
    wrong = {"allergens": ["milk", "milk", "cheese", 3], "diets": ["Vegan", "vegan"]}
    assert pointers(staff.put("/pies/x", wrong)) == ["/allergens/2", "/allergens/3", "/diets/0"]
    wrong = {"allergens": ["milk", "milk"], "diets": ["halal", "vegan"]}
    assert pointers(staff.put("/pies/x", wrong)) == ["/allergens/1", "/diets/1"]
    problem(cafe.public.get("/pies/x"), 404)


def test_the_menu_reads_as_plain_text_in_the_order_in_which_it_was_written(cafe: TestApp) -> None:
    staff, public = cafe.staff, cafe.public
    for path in ("/", "/pies"):
        assert public.get(path, TEXT).get_data(as_text=True) == ""
    for name in ("cherry", "steak & kidney", "fisherman's"):
        assert staff.post("/pies", {"name": name}).status_code == 201
        cafe.clock.advance(microseconds=1)
    staff.put("/pies/cherry", {"available": False, "publicName": "Another name"})
    for path in ("/", "/pies"):
        answer = public.get(path, TEXT)
        assert answer.get_data(as_text=True) == "cherry, steak & kidney, fisherman's"
        assert answer.content_type == "text/plain; charset=utf-8"
    one = public.get("/pies/cherry", TEXT)
    assert (one.get_data(as_text=True), one.content_type) == ("Pie: cherry", "text/plain; charset=utf-8")


@pytest.mark.parametrize("path", ["/", "/pies", "/pies/cherry"])
def test_plain_text_has_its_own_tag_and_goes_by_the_rules_of_reading(cafe: TestApp, path: str) -> None:
    cafe.staff.put("/pies/cherry", {})
    public = cafe.public
    there = public.get(path, TEXT)
    assert etag(there) != etag(public.get(path))
    assert "Accept" in there.headers["Vary"].split(", ")
    assert there.headers["Cache-Control"] == "public, no-cache"
    head = public.send("HEAD", path, TEXT)
    assert (head.data, head.headers["Content-Length"]) == (b"", str(len(there.data)))
    assert (etag(head), head.content_type) == (etag(there), there.content_type)
    same = public.get(path, TEXT | {"If-None-Match": etag(there)})
    assert (same.status_code, same.data, etag(same), same.headers["Vary"]) == (
        304,
        b"",
        etag(there),
        there.headers["Vary"],
    )
    assert public.get(path, {"If-None-Match": etag(there)}).status_code == 200
    problem(public.get(path, TEXT | {"If-Match": '"other"'}), 412)
    cafe.clock.advance(seconds=1)
    cafe.staff.put("/pies/apple", {})
    cafe.staff.patch("/pies/cherry", {"description": "New"}, if_match="*")
    assert public.get(path, TEXT | {"If-None-Match": etag(there)}).status_code == 200
    assert "application/json" in problem(public.get(path, {"Accept": "image/png"}), 406)["available"]


@pytest.mark.parametrize("form", [False, True], ids=["JSON", "form"])
def test_a_rate_may_be_said_as_an_integer_in_pence(cafe: TestApp, form: bool) -> None:
    staff = cafe.staff
    if form:
        made = staff.send("POST", "/pies", FORM, data="name=steak+%26+kidney&rate=350&available=true")
    else:
        made = staff.post("/pies", {"name": "steak & kidney", "rate": 350})
    assert made.status_code == 201
    assert made.headers["Location"] == "/pies/steak%20%26%20kidney"
    assert cafe.public.get(made.headers["Location"]).json["rate"] == {"amount": 350, "currency": "GBP"}
    assert staff.put(made.headers["Location"], {"rate": 0}).json["rate"] == {"amount": 0, "currency": "GBP"}
    patched = staff.patch(made.headers["Location"], {"rate": 1_000_000_000}, if_match="*")
    assert patched.json["rate"] == {"amount": 1_000_000_000, "currency": "GBP"}
    merged = staff.patch(made.headers["Location"], {"rate": {"currency": "EUR"}}, if_match="*")
    assert merged.json["rate"] == {"amount": 1_000_000_000, "currency": "EUR"}


@pytest.mark.parametrize("rate", ["350", "dear", 3.5, -1, True, [], 1_000_000_001, 10**30])
def test_a_wrong_rate_names_the_argument_and_its_help(cafe: TestApp, rate: Any) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        told = problem(staff.post("/pies", {"name": "cherry", "rate": rate}), 422)
        assert pointers(staff.put("/pies/cherry", {"rate": rate})) == ["/rate"]
    assert told["detail"].startswith(HELP)
    assert [fault["pointer"] for fault in told["errors"]] == ["/rate"]


@pytest.mark.parametrize("rate", ["dear", "3.5", "+3", "03", " 3", "", "1e3", "٣"])
def test_a_form_says_an_integer_as_json_does_and_in_no_other_way(cafe: TestApp, rate: str) -> None:
    told = problem(cafe.staff.send("POST", "/pies", data={"name": "cherry", "rate": rate}, headers=FORM), 422)
    assert told["detail"].startswith(HELP)


@pytest.mark.parametrize(
    ("rate", "where"),
    [({"amount": 1}, "currency"), ({"currency": "GBP"}, "amount"), ({"amount": 1, "currency": "gbp"}, "currency"),
     ({"amount": "1", "currency": "GBP"}, "amount"), ({"amount": 1, "currency": "GBP", "tip": 1}, "tip")],
)  # fmt: skip
def test_a_rate_with_a_currency_is_an_amount_and_an_iso_code(cafe: TestApp, rate: Any, where: str) -> None:
    assert pointers(cafe.staff.post("/pies", {"name": "cherry", "rate": rate})) == [f"/rate/{where}"]


def test_what_an_argument_lacks_is_told_in_the_words_of_flask_restful(cafe: TestApp) -> None:
    staff = cafe.staff
    for answer in (
        staff.post("/pies", {}), staff.post("/pies", {"name": ""}), staff.post("/pies", {"name": "   "}),
        staff.send("POST", "/pies", FORM, data="rate=3"), staff.send("POST", "/pies", FORM, data="name=&rate=3"),
    ):  # fmt: skip
        assert problem(answer, 422)["errors"] == [{"detail": "Name cannot be blank!", "pointer": "/name"}]
    assert pointers(staff.post("/pies", {"name": None, "colour": "red", "rate": "x"})) == ["/colour", "/name", "/rate"]
    assert pointers(staff.send("POST", "/pies", FORM, data="colour=red")) == ["/colour", "/name"]
    assert staff.get("/pies").json == {"items": []}


def test_the_name_is_read_as_the_public_name_until_one_is_given(cafe: TestApp) -> None:
    staff = cafe.staff
    assert staff.send("POST", "/pies", FORM, data="name=cherry").json["publicName"] == "cherry"
    assert staff.patch("/pies/cherry", {"publicName": "Sour"}, if_match="*").json["publicName"] == "Sour"
    assert staff.patch("/pies/cherry", {"rate": 3}, if_match="*").json["publicName"] == "Sour"
    assert staff.patch("/pies/cherry", {"publicName": None}, if_match="*").json["publicName"] == "cherry"
    assert staff.put("/pies/cherry", {"publicName": "x" * 64}).json["publicName"] == "x" * 64
    assert pointers(staff.put("/pies/cherry", {"publicName": ""})) == ["/publicName"]
    assert pointers(staff.put("/pies/cherry", {"publicName": "x" * 65})) == ["/publicName"]


@pytest.mark.parametrize("path", ["steak%20%26%20kidney", "steak%20&%20kidney", "%20steak%20%26%20kidney%20"])
def test_an_ampersand_in_a_url_is_a_part_of_the_name(cafe: TestApp, path: str) -> None:
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
def test_a_name_has_letters_digits_and_a_few_marks(cafe: TestApp, name: str, status: int) -> None:
    answer = cafe.staff.put(f"/pies/{name}", {})
    assert answer.status_code == status
    assert cafe.public.get(f"/pies/{name}").status_code == (200 if status == 201 else 404)
    if status == 201:
        assert cafe.public.get(answer.headers["Location"]).json == answer.json
    else:
        assert pointers(answer) == ["/name"]
