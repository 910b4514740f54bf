"""The home page costs at most 3 RCU, a cat for the staff a few queries, and no other page more than its JSON."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec

from api.context import new_id
from api.domain.photos import Photo
from api.domain.site import DEFAULT
from api.services.mappings import SITE
from tests.support.bulk_load import load_cats
from tests.support.capacity import Capacity, measure_capacity
from tests.support.cost_requests import LUNA
from tests.support.engine_app import EngineApp
from tests.support.users import BROWSER

TEXT = "Sleeps on the cash register, greets everybody, and steals whipped cream. " * 4
"""A description of 340 characters. Those of the sample data have 110 at most."""


def fill(cafe: EngineApp) -> None:
    """Create many cats, pies and posts of the usual size, and a site with a logo and long texts."""
    logo = Photo("x" * 16, TEXT[:250], 900, 600, (320, 900), "0a" * 12, "dark")
    site = msgspec.structs.replace(DEFAULT, address=(TEXT[:200],) * 8, opening_hours_note=TEXT[:200], photos=(logo,))
    rev = new_id()
    cafe.table.transact([SITE.put(site, rev, None)], rev)
    load_cats(
        cafe,
        (
            LUNA | {"name": f"cat {number}", "description": TEXT, "status": status}
            for number in range(20)
            for status in ["available" if number % 2 else "resident"]
        ),
    )
    for number in range(10):
        cafe.staff.put(f"/pies/pie {number}", {"description": TEXT, "allergens": ["milk"], "available": False})
        cafe.staff.post("/posts", {"title": f"News {number}", "body": TEXT})


def cost(cafe: EngineApp, path: str, **headers: str) -> Capacity:
    """Return the capacity of an anonymous request."""
    send: Callable[..., object] = partial(cafe.public.get, path, headers)
    response, capacity = measure_capacity(cafe, send)  # type: ignore[arg-type]
    assert response.status_code == 200
    return capacity


def test_the_home_page_costs_at_most_3_rcu(cafe: EngineApp) -> None:
    fill(cafe)
    capacity = cost(cafe, "/", **BROWSER)
    assert sorted(capacity.calls) == ["GetItem", *["Query"] * 4]  # the site, and the lists
    assert cost(cafe, "/", **BROWSER).calls == ["Query"] * 4
    assert capacity.read <= 3
    assert capacity.written == 0


def test_a_page_costs_what_its_json_costs(cafe: EngineApp) -> None:
    fill(cafe)
    cost(cafe, "/problems", **BROWSER)  # reads the site, which the process then uses for five seconds
    for path in (
        "/cats",
        "/cats?goodWith.children=over5",
        "/cats/cat 1",
        "/pies",
        "/pies/pie 1",
        "/posts",
        "/posts/1",
        "/site",
    ):
        page, json = cost(cafe, path, **BROWSER), cost(cafe, path)
        assert (page.calls, page.read) == (json.calls, json.read), path


def test_the_page_of_a_cat_for_the_staff_is_three_queries_and_two_batches(cafe: EngineApp) -> None:
    fill(cafe)
    staff = cafe.staff
    for number in range(50):
        assert staff.post("/todos", {"title": f"Chore {number}", "cat": f"cat {number % 5}"}).status_code == 201
    for number in range(20):
        staff.post("/cats/cat 1/weights", {"grams": 4000 + number})
        staff.patch("/cats/cat 1", {"staffNotes": f"Note {number}"}, if_match="*")
    staff.get("/cats", BROWSER)  # the process reads the site
    response, capacity = measure_capacity(cafe, lambda: staff.get("/cats/cat 1", BROWSER))
    assert response.text.count("<li>Changed: notes of the staff") == 5
    assert capacity.calls == ["BatchGetItem", "Query", "Query", "Query", "BatchGetItem"]
    assert capacity.items == 20 + 6 + 50
    assert capacity.read <= 12
    assert capacity.written == 0
    for headers in ({}, BROWSER | {"Accept": "application/json"}):
        assert measure_capacity(cafe, lambda h=headers: staff.get("/cats/cat 1", h))[1].calls == ["BatchGetItem"]
