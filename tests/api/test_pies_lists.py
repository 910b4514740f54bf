"""The list of pies: orders, filters and availability. tests/domain has the rules of the filters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import new_table
from tests.support.app import Client, TestApp, problem

MENU: dict[str, dict[str, Any]] = {
    "cherry": {"rate": 350, "allergens": ["gluten", "milk"], "diets": ["vegetarian"]},
    "steak & kidney": {"rate": 500, "allergens": ["gluten", "eggs"], "diets": ["halal", "nutFree"]},
    "fisherman's": {"rate": {"amount": 500, "currency": "EUR"}, "allergens": ["fish"], "available": False},
    "Apple": {"rate": 300, "allergens": [], "diets": ["vegan", "glutenFree", "nutFree"]},
    "mystery": {},
    "plum": {"rate": 0, "allergens": ["nuts"], "diets": ["vegan"], "soldOutUntil": "2026-11-22T18:00:00Z"},
}


def create_menu(cafe: TestApp) -> Client:
    """Create the pies, one per minute, and return an anonymous client."""
    for name, body in MENU.items():
        assert cafe.staff.post("/pies", {"name": name} | body).status_code == 201
        cafe.clock.advance(minutes=1)
    return cafe.public


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """An anonymous client of an application whose pies do not change."""
    with new_table() as table:
        yield create_menu(TestApp(table))


def names(client: Client, query: str, limit: int = 2) -> list[str]:
    """Return the names on all pages of a list."""
    result, path = [], f"/pies?limit={limit}{query and '&'}{query}"
    while path:
        page = client.get(path).json
        assert len(page["items"]) <= limit
        result += [pie["name"] for pie in page["items"]]
        path = page.get("next")
    return result


@pytest.mark.parametrize("limit", [1, 2, 100])
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "cherry, steak & kidney, fisherman's, Apple, mystery, plum"),
        ("sort=menu", "cherry, steak & kidney, fisherman's, Apple, mystery, plum"),
        ("sort=-created", "plum, mystery, Apple, fisherman's, steak & kidney, cherry"),
        ("sort=-name", "steak & kidney, plum, mystery, fisherman's, cherry, Apple"),
        ("sort=name", "Apple, cherry, fisherman's, mystery, plum, steak & kidney"),
        ("diet=vegetarian", "cherry, Apple, plum"),
        ("diet=vegan", "Apple, plum"),
        ("diet=vegan,nutFree", "Apple"),
        ("diet=halal,nutFree", "steak & kidney"),
        ("diet=kosher", ""),
        ("withoutAllergen=gluten", "fisherman's, Apple, plum"),
        ("withoutAllergen=sulphites", "cherry, steak & kidney, fisherman's, Apple, plum"),
        ("withoutAllergen=gluten,nuts", "fisherman's, Apple"),
        ("withoutAllergen=gluten,nuts,fish", "Apple"),
        ("maxRate=0", "plum"),
        ("maxRate=350", "cherry, Apple, plum"),
        ("maxRate=349", "Apple, plum"),
        ("maxRate=999999999", "cherry, steak & kidney, fisherman's, Apple, plum"),
        ("available=true", "cherry, steak & kidney, Apple, mystery"),
        ("available=false", "fisherman's, plum"),
        ("available=false&sort=name&maxRate=100", "plum"),
        ("diet=vegetarian&withoutAllergen=milk&maxRate=300&available=true", "Apple"),
        ("diet=vegan&withoutAllergen=nuts&available=false", ""),
    ],
)
def test_list_has_the_filtered_pies_in_the_requested_order(
    client: Client, query: str, expected: str, limit: int
) -> None:
    assert ", ".join(names(client, query, limit)) == expected


def test_plain_text_list_has_filters_and_pages(client: Client) -> None:
    text = {"Accept": "text/plain"}
    page = client.get("/pies?withoutAllergen=gluten&limit=2", text)
    assert page.get_data(as_text=True) == "fisherman's, Apple"
    next_url, _, rel = page.headers["Link"].split(", ")[0].partition(">; ")
    assert rel == 'rel="next"'
    last = client.get(next_url.lstrip("<"), text)
    assert (last.get_data(as_text=True), "next" in last.headers["Link"]) == ("plum", False)


def test_pie_without_declared_allergens_never_matches_without_allergen(cafe: TestApp) -> None:
    cafe.staff.put("/pies/mystery", {"diets": ["vegan"]})
    public = cafe.public
    allergens = public.get("/openapi.json").json["components"]["schemas"]["Allergen"]["enum"]
    assert len(allergens) == 14
    for allergen in allergens:
        assert names(public, f"withoutAllergen={allergen}") == []
    cafe.staff.patch("/pies/mystery", {"allergens": []}, if_match="*")
    assert names(public, f"withoutAllergen={','.join(allergens)}") == ["mystery"]


def test_pie_is_available_again_at_sold_out_until(cafe: TestApp) -> None:
    cafe.staff.put("/pies/plum", {"soldOutUntil": "2026-11-22T20:00:00+02:00"})
    public = cafe.public
    response = public.get("/pies/plum")
    assert (response.json["soldOut"], response.json["soldOutUntil"]) == (True, "2026-11-22T18:00:00Z")
    cafe.clock.advance(hours=5, minutes=59, seconds=59)
    assert public.get("/pies/plum", {"If-None-Match": response.headers["ETag"]}).status_code == 304
    assert (names(public, "available=true"), names(public, "available=false")) == ([], ["plum"])
    cafe.clock.advance(seconds=1)
    later = public.get("/pies/plum", {"If-None-Match": response.headers["ETag"]})
    assert (later.status_code, later.json["soldOut"]) == (200, False)
    assert (names(public, "available=true"), names(public, "available=false")) == (["plum"], [])


def test_lists_follow_updates_and_keep_the_order_of_creation(cafe: TestApp) -> None:
    public = create_menu(cafe)
    cafe.staff.put("/pies/cherry", {"allergens": [], "diets": ["vegan"]})
    cafe.staff.delete("/pies/Apple")
    assert names(public, "diet=vegan") == ["cherry", "plum"]
    assert names(public, "maxRate=350") == ["plum"]
    assert names(public, "")[:2] == ["cherry", "steak & kidney"]
    cafe.staff.delete("/pies/cherry")
    cafe.staff.put("/pies/cherry", {})
    assert names(public, "") == ["steak & kidney", "fisherman's", "mystery", "plum", "cherry"]


def test_pies_created_at_the_same_time_are_in_order_of_names(cafe: TestApp) -> None:
    for name in ("b", "c & d", "a"):
        cafe.staff.post("/pies", {"name": name})
    assert names(cafe.public, "", 1) == ["a", "b", "c & d"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("diet=meat", "one or more of vegan,"),
        ("diet=vegan,", "one or more of vegan,"),
        ("diet=", "one or more of vegan,"),
        ("withoutAllergen=Milk", "one or more of celery,"),
        ("maxRate=dear", "an integer from 0 to"),
        ("maxRate=3.5", "an integer from 0 to"),
        ("maxRate=-1", "an integer from 0 to"),
        ("maxRate=99999999999999999999", "an integer from 0 to"),
        ("maxRate=٣", "an integer from 0 to"),
        ("available=yes", "true or false."),
        ("sort=age", "one of created, -created, name, -name, menu."),
        ("limit=0", "an integer from 1 to 100."),
        ("fields=name,price", "one or more of name,"),
    ],
)
def test_invalid_parameter_is_400_with_what_is_expected(client: Client, query: str, expected: str) -> None:
    name = query.split("=")[0]
    (error,) = problem(client.get(f"/pies?{query}"), 400)["errors"]
    assert error["parameter"] == name
    assert error["detail"].startswith(f"{name} must be {expected}")


def test_all_invalid_parameters_are_reported_at_once(client: Client) -> None:
    body = problem(client.get("/pies?diet=x&maxRate=x&available=x&sort=x&limit=x&y=1"), 400)
    assert sorted(error["parameter"] for error in body["errors"]) == [
        "available", "diet", "limit", "maxRate", "sort", "y"
    ]  # fmt: skip
