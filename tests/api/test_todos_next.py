"""What to do next: in which order, and why. What is offered at all is in test_todos_offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import flask_restful
import pytest
from flask import Flask

from api.app import authenticator
from api.context import Dependencies
from api.domain.cats import Cat
from api.domain.todos import Todo
from api.domain.urgency import Ranked
from api.resources.next_todos import TodoNext
from tests.support.app import Client, TestApp, problem
from tests.support.inspection import etag, writes_nothing

NEAR = "2026-11-23"


def note(who: Client, title: str, **more: Any) -> str:
    """Note something to do and return its id."""
    answer = who.post("/todos", {"title": title} | more)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def offered(cafe: TestApp, query: str = "limit=100") -> list[str]:
    """Return the titles of what is to be done next."""
    return [todo["title"] for todo in cafe.staff.get(f"/todos/next?{query}").json["items"]]


def test_no_points_lift_anything_above_a_higher_tier(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    note(staff, "mop", kind="cleaning", due="2026-10-01", priority="high")
    note(staff, "idea", kind="shop", priority="low")
    note(staff, "feed", kind="feeding", due="2026-11-22T12:00:00Z", priority="low", assignee="ann")
    note(staff, "pill soon", kind="medicine", due="2026-11-22T14:00:00Z", priority="high")
    note(staff, "pill", kind="medicine", due="2026-11-22T12:00:00Z", priority="low", assignee="ann")
    note(staff, "vet", kind="vet", due="2026-11-20", priority="low", assignee="ann")
    note(staff, "pill later", kind="medicine", due="2026-11-22T14:00:01Z", priority="low", assignee="ann")
    note(staff, "feed later", kind="feeding", due="2026-11-22T12:00:01Z", priority="low", assignee="ann")
    told = staff.get("/todos/next").json
    assert [(todo["title"], todo["tier"]) for todo in told["items"]] == [
        ("vet", 1), ("pill", 1), ("pill soon", 2), ("feed", 2), ("mop", 3), ("feed later", 3), ("pill later", 3),
        ("idea", 3),
    ]  # fmt: skip
    assert (told["runnerUp"], "explanation" in told["items"][0]) == (None, False)
    assert told["items"][4]["urgency"] > 100
    assert cafe.staff.get(f"/todos/{told['items'][0]['id']}").json.items() <= told["items"][0].items()


def test_a_dose_rises_at_the_very_instant(cafe: TestApp) -> None:
    note(cafe.staff, "pill", kind="medicine", due="2026-11-22T18:00:00Z")
    tiers = []
    for span in (
        {"hours": 3, "minutes": 59, "seconds": 59},
        {"seconds": 1},
        {"hours": 2, "seconds": -1},
        {"seconds": 1},
    ):
        cafe.clock.advance(**span)
        (pill,) = cafe.staff.get("/todos/next").json["items"]
        tiers.append((pill["tier"], pill["overdue"]))
    assert tiers == [(3, False), (2, False), (2, False), (1, True)]


def test_it_says_why(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    staff.put("/cats/luna", {"status": "quarantine"})
    first = note(staff, "first", cat="luna", due="2026-11-20", priority="high")
    second = note(staff, "second", assignee="ann", due=NEAR)
    note(staff, "blocked", blockedBy=[first])
    told = staff.get("/todos/next?explain=true&limit=1").json
    (shown,) = told["items"]
    why = shown["explanation"]
    terms = {term["name"]: term for term in why["terms"]}
    assert {name: term["value"] for name, term in terms.items()} == {
        "due": 1.0, "lateDays": 1.5, "lateDaysSquared": 2.25, "age": 0.0, "blocking": 1.0, "priority": 1.0, "cat": 1.0,
        "assignee": 1.0,
    }  # fmt: skip
    for term in terms.values():
        assert term["points"] == round(term["value"] * term["coefficient"], 4)
    assert why["sum"] == shown["urgency"] == round(sum(term["points"] for term in terms.values()), 4) == 25.325
    assert (why["tier"], why["tierName"]) == (shown["tier"], "by urgency") == (3, "by urgency")
    assert why["reason"]
    runner = told["runnerUp"]
    assert (runner["id"], runner["title"], runner["tier"]) == (second, "second", 3)
    assert runner["lostBecause"] == (
        f"It has {runner['urgency']:g} points against 25.325; the greatest difference is in priority: 3 against 6."
    )
    pill = note(staff, "pill", kind="medicine", due="2026-11-22T11:00:00Z")
    told = staff.get("/todos/next?explain=true").json
    assert (told["items"][0]["id"], told["runnerUp"]["id"]) == (pill, first)
    assert "tier 1 (overdue care) always goes first" in told["runnerUp"]["lostBecause"]


def test_the_list_can_be_cut_and_asked_for_by_assignee(cafe: TestApp) -> None:
    ann = cafe.client("staff", "ann")
    for title, more in {
        "a": {"priority": "high"},
        "b": {"assignee": "Ann"},
        "c": {"assignee": "ann", "due": NEAR},
    }.items():
        note(ann, title, **more)
    assert offered(cafe, "limit=1") == ["c"]
    for mine in ("me", "ann", "ANN"):
        told = ann.get(f"/todos/next?assignee={mine}&explain=true").json
        assert ([todo["title"] for todo in told["items"]], told["runnerUp"]["title"]) == (["c", "b"], "b")
    told = cafe.staff.get("/todos/next?assignee=me&explain=true").json
    assert told == {"items": [], "runnerUp": None} == cafe.staff.get("/todos/next?assignee=%20").json
    for query in ("limit=0", "limit=101", "explain=1", "assignee=", "kind=vet", "cursor=x"):
        (fault,) = problem(ann.get(f"/todos/next?{query}"), 400)["errors"]
        assert fault["parameter"] == query.split("=")[0]


def test_the_coefficients_are_settings(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    note(staff, "high", priority="high", assignee="ann")
    note(staff, "free", priority="low")
    note(staff, "pill", kind="medicine", due="2026-11-22T15:00:00Z", priority="low", assignee="ann")
    assert offered(cafe) == ["pill", "high", "free"]
    assert offered(TestApp(cafe.table, urgency_due=0.0)) == ["high", "free", "pill"]
    assert offered(TestApp(cafe.table, urgency_priority=0.0, urgency_due=0.5)) == ["free", "pill", "high"]
    eager = TestApp(cafe.table, urgency_soon_hours=3.0, urgency_lead_hours=0.5).staff
    told = eager.get("/todos/next?explain=true").json["items"]
    assert [(todo["title"], todo["tier"]) for todo in told] == [("pill", 2), ("high", 3), ("free", 3)]
    assert told[0]["explanation"]["terms"][0] == {"name": "due", "value": 0.0, "coefficient": 12.0, "points": 0.0}


def test_the_engine_is_given_to_the_resource(cafe: TestApp) -> None:
    seen: list[tuple[list[str], list[str], datetime]] = []

    def backwards(todos: Sequence[Todo], cats: Mapping[str, Cat], now: datetime) -> list[Ranked]:
        seen.append((sorted(todo.title for todo in todos), sorted(cats), now))
        return [
            Ranked(todo, 2, 7.0, (), "Z first.") for todo in sorted(todos, key=lambda todo: todo.title, reverse=True)
        ]

    cafe.staff.put("/cats/luna", {})
    note(cafe.staff, "a", kind="medicine", due="2026-11-22T11:00:00Z", cat="luna")
    note(cafe.staff, "z", kind="shop")
    app = Flask("another")
    services = Dependencies(cafe.settings, cafe.table, cafe.clock, lambda: str(uuid4()), document=dict)
    given = {"dependencies": services, "authenticate": authenticator(services), "engine": backwards}
    flask_restful.Api(app).add_resource(TodoNext, TodoNext.path, resource_class_kwargs=given)
    told = Client(app.test_client(), cafe.token("staff")).get("/todos/next?explain=true").json
    assert [(todo["title"], todo["tier"], todo["urgency"]) for todo in told["items"]] == [("z", 2, 7.0), ("a", 2, 7.0)]
    assert told["items"][0]["explanation"]["reason"] == "Z first."
    assert seen == [(["a", "z"], ["luna"], cafe.clock.now)]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "TRACE", "BREW"])
def test_next_is_an_address_and_no_id(cafe: TestApp, method: str) -> None:
    staff = cafe.staff
    allowed = staff.send("OPTIONS", "/todos/next").headers["Allow"]
    with writes_nothing(cafe):
        refused = staff.send(method, "/todos/next", {"If-Match": "*"}, json={"title": "x"})
        problem(staff.send("POST", "/todos/next/done"), 404)
        problem(refused, 405)
    assert refused.headers["Allow"] == allowed == "GET, HEAD, OPTIONS"


def test_it_is_read_conditionally_and_writes_nothing(cafe: TestApp) -> None:
    staff = cafe.staff
    note(staff, "a")
    with writes_nothing(cafe):
        there = staff.get("/todos/next")
        assert there.headers["Cache-Control"] == "private, no-store"
        assert staff.get("/todos/next", {"If-None-Match": etag(there)}).status_code == 304
        assert etag(staff.send("HEAD", "/todos/next")) == etag(there)
    note(staff, "b")
    assert staff.get("/todos/next", {"If-None-Match": etag(there)}).status_code == 200
