"""The order of /todos/next and its explanation. test_todos_candidates.py has which to-dos are ranked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

import flask_restful
import pytest
from flask import Flask

from api.context import Dependencies
from api.domain.cats import Cat
from api.domain.todos import Todo
from api.domain.urgency import NEVER, Ranked
from api.resources.next_todos import NextTodos
from api.services.sessions import find_callers
from tests.support.app import Client, TestApp, problem
from tests.support.inspection import etag, writes_nothing

NEAR = "2026-11-23"


def create_todo(client: Client, title: str, **fields: Any) -> str:
    """Create a to-do and return its id."""
    response = client.post("/todos", {"title": title} | fields)
    assert response.status_code == 201, response.json
    return str(response.json["id"])


def next_titles(cafe: TestApp, query: str = "limit=100") -> list[str]:
    """Return the titles of the next to-dos."""
    return [todo["title"] for todo in cafe.staff.get(f"/todos/next?{query}").json["items"]]


def test_tier_goes_before_points(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    create_todo(staff, "mop", kind="cleaning", due="2026-10-01", priority="high")
    create_todo(staff, "idea", kind="shop", priority="low")
    create_todo(staff, "feed", kind="feeding", due="2026-11-22T12:00:00Z", priority="low", assignee="ann")
    create_todo(staff, "pill soon", kind="medicine", due="2026-11-22T14:00:00Z", priority="high")
    create_todo(staff, "pill", kind="medicine", due="2026-11-22T12:00:00Z", priority="low", assignee="ann")
    create_todo(staff, "vet", kind="vet", due="2026-11-20", priority="low", assignee="ann")
    create_todo(staff, "pill later", kind="medicine", due="2026-11-22T14:00:01Z", priority="low", assignee="ann")
    create_todo(staff, "feed later", kind="feeding", due="2026-11-22T12:00:01Z", priority="low", assignee="ann")
    body = staff.get("/todos/next").json
    assert [(todo["title"], todo["tier"]) for todo in body["items"]] == [
        ("vet", 1), ("pill", 1), ("pill soon", 2), ("feed", 2), ("mop", 3), ("feed later", 3), ("pill later", 3),
        ("idea", 3),
    ]  # fmt: skip
    assert (body["runnerUp"], "explanation" in body["items"][0]) == (None, False)
    assert body["items"][4]["urgency"] > 100
    assert cafe.staff.get(f"/todos/{body['items'][0]['id']}").json.items() <= body["items"][0].items()


def test_medicine_rises_through_the_tiers_exactly_on_time(cafe: TestApp) -> None:
    create_todo(cafe.staff, "pill", kind="medicine", due="2026-11-22T18:00:00Z")
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


def test_explanation_has_terms_sum_tier_and_runner_up(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    staff.put("/cats/luna", {"status": "quarantine"})
    first = create_todo(staff, "first", cat="luna", due="2026-11-20", priority="high")
    second = create_todo(staff, "second", assignee="ann", due=NEAR)
    create_todo(staff, "blocked", blockedBy=[first])
    body = staff.get("/todos/next?explain=true&limit=1").json
    (todo,) = body["items"]
    explanation = todo["explanation"]
    terms = {term["name"]: term for term in explanation["terms"]}
    assert {name: term["value"] for name, term in terms.items()} == {
        "due": 1.0, "lateDays": 1.5, "lateDaysSquared": 2.25, "age": 0.0, "blocking": 1.0, "priority": 1.0, "cat": 1.0,
        "assignee": 1.0,
    }  # fmt: skip
    for term in terms.values():
        assert term["points"] == round(term["value"] * term["coefficient"], 4)
    assert explanation["sum"] == todo["urgency"] == round(sum(term["points"] for term in terms.values()), 4) == 25.325
    assert (explanation["tier"], explanation["tierName"]) == (todo["tier"], "by urgency") == (3, "by urgency")
    assert explanation["reason"]
    runner_up = body["runnerUp"]
    assert (runner_up["id"], runner_up["title"], runner_up["tier"]) == (second, "second", 3)
    assert runner_up["lostBecause"] == (
        f"It has {runner_up['urgency']:g} points against 25.325; the greatest difference is in priority: 3 against 6."
    )
    pill = create_todo(staff, "pill", kind="medicine", due="2026-11-22T11:00:00Z")
    body = staff.get("/todos/next?explain=true").json
    assert (body["items"][0]["id"], body["runnerUp"]["id"]) == (pill, first)
    assert "tier 1 (overdue care) always goes first" in body["runnerUp"]["lostBecause"]


def test_limit_and_assignee_select_todos(cafe: TestApp) -> None:
    ann = cafe.client("staff", "ann")
    for title, fields in {
        "a": {"priority": "high"},
        "b": {"assignee": "Ann"},
        "c": {"assignee": "ann", "due": NEAR},
    }.items():
        create_todo(ann, title, **fields)
    assert next_titles(cafe, "limit=1") == ["c"]
    for assignee in ("me", "ann", "ANN"):
        body = ann.get(f"/todos/next?assignee={assignee}&explain=true").json
        assert ([todo["title"] for todo in body["items"]], body["runnerUp"]["title"]) == (["c", "b"], "b")
    body = cafe.staff.get("/todos/next?assignee=me&explain=true").json
    assert body == {"items": [], "runnerUp": None} == cafe.staff.get("/todos/next?assignee=%20").json
    for query in ("limit=0", "limit=101", "explain=1", "assignee=", "kind=vet", "cursor=x"):
        (error,) = problem(ann.get(f"/todos/next?{query}"), 400)["errors"]
        assert error["parameter"] == query.split("=")[0]


def test_coefficients_are_settings(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    create_todo(staff, "high", priority="high", assignee="ann")
    create_todo(staff, "free", priority="low")
    create_todo(staff, "pill", kind="medicine", due="2026-11-22T15:00:00Z", priority="low", assignee="ann")
    assert next_titles(cafe) == ["pill", "high", "free"]
    assert next_titles(TestApp(cafe.table, urgency_due=0.0)) == ["high", "free", "pill"]
    assert next_titles(TestApp(cafe.table, urgency_priority=0.0, urgency_due=0.5)) == ["free", "pill", "high"]
    other_settings = TestApp(cafe.table, urgency_soon_hours=3.0, urgency_lead_hours=0.5).staff
    todos = other_settings.get("/todos/next?explain=true").json["items"]
    assert [(todo["title"], todo["tier"]) for todo in todos] == [("pill", 2), ("high", 3), ("free", 3)]
    assert todos[0]["explanation"]["terms"][0] == {"name": "due", "value": 0.0, "coefficient": 12.0, "points": 0.0}


def test_ranking_engine_is_injected(cafe: TestApp) -> None:
    calls: list[tuple[list[str], list[str], datetime]] = []

    def rank_backwards(todos: Sequence[Todo], cats: Mapping[str, Cat], now: datetime) -> list[Ranked]:
        calls.append((sorted(todo.title for todo in todos), sorted(cats), now))
        return [
            Ranked(todo, 2, 7.0, (), "Z first.", NEVER)
            for todo in sorted(todos, key=lambda todo: todo.title, reverse=True)
        ]

    cafe.staff.put("/cats/luna", {})
    create_todo(cafe.staff, "a", kind="medicine", due="2026-11-22T11:00:00Z", cat="luna")
    create_todo(cafe.staff, "z", kind="shop")
    app = Flask("another")
    dependencies = Dependencies(cafe.settings, cafe.table, cafe.clock, lambda: str(uuid4()), document=dict)
    arguments = {
        "dependencies": dependencies,
        "find_callers": partial(find_callers, cafe.table, cafe.settings.cursor_key),
        "rank": rank_backwards,
    }
    flask_restful.Api(app).add_resource(NextTodos, NextTodos.path, resource_class_kwargs=arguments)
    body = Client(app.test_client(), cafe.token("staff")).get("/todos/next?explain=true").json
    assert [(todo["title"], todo["tier"], todo["urgency"]) for todo in body["items"]] == [("z", 2, 7.0), ("a", 2, 7.0)]
    assert body["items"][0]["explanation"]["reason"] == "Z first."
    assert calls == [(["a", "z"], ["luna"], cafe.clock.now)]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "TRACE", "BREW"])
def test_next_is_a_path_and_not_an_id(cafe: TestApp, method: str) -> None:
    staff = cafe.staff
    allowed = staff.send("OPTIONS", "/todos/next").headers["Allow"]
    with writes_nothing(cafe):
        response = staff.send(method, "/todos/next", {"If-Match": "*"}, json={"title": "x"})
        problem(staff.send("POST", "/todos/next/done"), 404)
        problem(response, 405)
    assert response.headers["Allow"] == allowed == "GET, HEAD, OPTIONS"


def test_next_has_an_etag_and_writes_nothing(cafe: TestApp) -> None:
    staff = cafe.staff
    create_todo(staff, "a")
    with writes_nothing(cafe):
        response = staff.get("/todos/next")
        assert response.headers["Cache-Control"] == "private, no-store"
        assert staff.get("/todos/next", {"If-None-Match": etag(response)}).status_code == 304
        assert etag(staff.send("HEAD", "/todos/next")) == etag(response)
    create_todo(staff, "b")
    assert staff.get("/todos/next", {"If-None-Match": etag(response)}).status_code == 200
