"""Derived to-dos: they appear and disappear with their cause. tests/domain has the rules of each of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import PATCH, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing

VACCINATION_DUE = {"vaccinations": [{"type": "flu", "dueOn": "2026-11-25"}]}
VACCINATED = {
    "vaccinations": [{"type": "flu", "dueOn": "2026-11-25", "givenOn": "2026-11-22", "expiresOn": "2027-11-22"}]
}
ON_HOLD = {"status": "hold", "holdUntil": "2026-11-25"}
LOSING_WEIGHT = [("11-01", 4000), ("11-22", 3600)]
UNDERWEIGHT_KITTEN = [("11-15", 600), ("11-22", 669)]


def create_cat(
    cafe: TestApp, body: dict[str, Any] | None = None, *weighings: tuple[str, int], name: str = "luna"
) -> None:
    """Create a cat and record weights at noon of the given days."""
    assert cafe.staff.put(f"/cats/{name}", body or {}).status_code == 201
    for day, grams in weighings:
        weigh(cafe, f"2026-{day}T12:00:00Z", grams, name)


def weigh(cafe: TestApp, at: str | None, grams: int, name: str = "luna") -> None:
    """Record a weight."""
    assert cafe.staff.post(f"/cats/{name}/weights", {"grams": grams, "weighedAt": at}).status_code == 201


def change(cafe: TestApp, body: dict[str, Any]) -> None:
    """Patch Luna."""
    assert cafe.staff.patch("/cats/luna", body, if_match="*").status_code == 200


def next_todos(cafe: TestApp) -> dict[str, int]:
    """Return the ids of the next to-dos with their tiers."""
    return {todo["id"]: todo["tier"] for todo in cafe.staff.get("/todos/next").json["items"]}


def causes(cafe: TestApp) -> dict[str, int]:
    """Return the causes of the derived to-dos with their tiers."""
    return {key.removeprefix("derived-").rpartition("-")[0]: tier for key, tier in next_todos(cafe).items()}


@pytest.mark.parametrize(
    ("body", "weighings", "wait", "cause", "tiers"),
    [
        (VACCINATION_DUE, [], {"hours": 60}, "vaccination-due", [(0, 3), (22, 2), (2, 1)]),
        (ON_HOLD, [], {"hours": 60}, "hold-ended", [(0, 3), (22, 3), (200, 3)]),
        (ON_HOLD | {"status": "quarantine"}, [], {"hours": 60}, "hold-ended", [(0, 3)]),
        ({}, [], {"days": 30}, "weigh", [(0, 3), (200, 3)]),
        ({}, [("11-20", 4000)], {"days": 30}, "weigh", [(0, 3)]),
    ],
)  # fmt: skip
def test_derived_todo_appears_when_due_and_rises_through_the_tiers(
    cafe: TestApp, body: dict[str, Any], weighings: Any, wait: Any, cause: str, tiers: list[tuple[int, int]]
) -> None:
    create_cat(cafe, body, *weighings)
    assert causes(cafe) == {}
    cafe.clock.advance(**wait, microseconds=-1)
    assert causes(cafe) == {}
    cafe.clock.advance(microseconds=1)
    for hours, tier in tiers:
        cafe.clock.advance(hours=hours)
        assert causes(cafe) == {cause: tier}


@pytest.mark.parametrize(
    ("body", "weighings", "normal"), [({}, LOSING_WEIGHT, 3900), ({"birthDate": "2026-10-01"}, UNDERWEIGHT_KITTEN, 680)]
)
def test_weight_alarm_is_overdue_care_until_a_normal_weight(
    cafe: TestApp, body: dict[str, Any], weighings: list[tuple[str, int]], normal: int
) -> None:
    create_cat(cafe, body, *weighings[:1])
    assert causes(cafe) == {}
    weigh(cafe, None, weighings[1][1])
    assert causes(cafe) == {"weight-alarm": 1}
    (todo,) = cafe.staff.get("/todos/next").json["items"]
    assert todo == todo | {"cat": "luna", "kind": "vet", "overdue": True, "by": "clowder"}
    alarm = cafe.staff.get("/cats/luna/weights").json["alarm"]
    reason = alarm["code"].replace("-", " ")
    assert (todo["title"], alarm["detail"] in todo["notes"]) == (f"Take luna to the vet: {reason}", True)
    before = next_todos(cafe)
    cafe.clock.advance(hours=5)
    weigh(cafe, None, weighings[1][1] - 5)
    assert next_todos(cafe) == before
    cafe.clock.advance(hours=1)
    weigh(cafe, None, normal)
    assert causes(cafe) == {}
    assert cafe.staff.get("/cats/luna/weights").json["alarm"] is None


def test_weight_recorded_later_counts_at_its_time(cafe: TestApp) -> None:
    create_cat(cafe, {}, ("11-22", 3600))
    weigh(cafe, "2026-11-01T12:00:00Z", 4000)
    assert [todo["due"] for todo in cafe.staff.get("/todos/next").json["items"]] == ["2026-11-22T12:00:00Z"]
    cafe.clock.advance(days=30)
    assert causes(cafe) == {"weight-alarm": 1, "weigh": 3}
    weigh(cafe, None, 3600)
    assert causes(cafe) == {}


ALL_CAUSES = VACCINATION_DUE | ON_HOLD | {"birthDate": "2020-01-01"}
ALL_CAUSE_NAMES = {"vaccination-due", "weight-alarm", "weigh", "hold-ended"}


def create_cat_with_all_causes(cafe: TestApp, name: str = "luna") -> dict[str, int]:
    """Create a cat with every cause of derived to-dos, advance a month, and return the to-dos."""
    create_cat(cafe, ALL_CAUSES, *LOSING_WEIGHT, name=name)
    cafe.clock.advance(days=31)
    assert causes(cafe).keys() == ALL_CAUSE_NAMES
    return next_todos(cafe)


@pytest.mark.parametrize(
    ("patch", "cause"),
    [(VACCINATED, "vaccination-due"), ({"vaccinations": []}, "vaccination-due"), ({"status": "intake"}, "hold-ended"),
     ({"vaccinations": [{"type": "flu", "dueOn": "2027-01-01"}]}, "vaccination-due"),
     ({"holdUntil": None}, "hold-ended"), ({"holdUntil": "2027-01-01"}, "hold-ended")],
)  # fmt: skip
def test_derived_todo_disappears_and_returns_with_its_cause(cafe: TestApp, patch: dict[str, Any], cause: str) -> None:
    before = create_cat_with_all_causes(cafe)
    change(cafe, patch)
    assert causes(cafe).keys() == ALL_CAUSE_NAMES - {cause}
    assert next_todos(cafe).items() <= before.items()
    change(cafe, VACCINATION_DUE | ON_HOLD)
    assert next_todos(cafe) == before


@pytest.mark.parametrize("status", ["adopted", "transferred", "reclaimed", "deceased"])
def test_departed_cat_has_no_derived_todos_until_it_returns(cafe: TestApp, status: str) -> None:
    before = create_cat_with_all_causes(cafe)
    change(cafe, {"status": status})
    assert next_todos(cafe) == {}
    for key in before:
        problem(cafe.staff.get(f"/todos/{key}"), 404)
        problem(cafe.staff.send("POST", f"/todos/{key}/done"), 404)
    change(cafe, {"status": "hold"})
    assert next_todos(cafe) == before


def test_derived_ids_do_not_change_with_unrelated_fields(cafe: TestApp) -> None:
    before = create_cat_with_all_causes(cafe)
    other = create_cat_with_all_causes(cafe, "tom").keys() - before.keys()
    assert len(other) == 4
    for body in (
        {"location": {"area": "attic"}},
        {"description": "Purrs."},
        {"bondedWith": ["tom"]},
        {"sex": "female"},
    ):
        change(cafe, body)
        assert next_todos(cafe).keys() == before.keys() | other
    cafe.staff.patch("/cats/tom", {"bondedWith": []}, if_match="*")
    assert cafe.staff.put("/cats/luna", VACCINATION_DUE | ON_HOLD).status_code == 200
    assert next_todos(cafe).keys() == before.keys() | other


def test_new_cat_with_the_same_name_has_other_derived_todos(cafe: TestApp) -> None:
    before = create_cat_with_all_causes(cafe)
    assert cafe.staff.delete("/cats/luna").status_code == 204
    assert next_todos(cafe) == {}
    cafe.staff.put("/cats/luna", ALL_CAUSES)
    assert causes(cafe).keys() == {"vaccination-due", "hold-ended"}
    assert next_todos(cafe).keys().isdisjoint(before)
    for key in before:
        problem(cafe.staff.get(f"/todos/{key}"), 404)


def test_derived_todo_can_be_read_but_not_written(cafe: TestApp) -> None:
    create_cat(cafe, VACCINATION_DUE)
    cafe.clock.advance(days=3)
    staff = cafe.staff
    (todo,) = staff.get("/todos/next").json["items"]
    path = f"/todos/{todo['id']}"
    response = staff.get(path)
    assert response.json.items() <= todo.items()
    assert response.json | {"by": "clowder", "due": "2026-11-25", "done": False, "assignee": None} == response.json
    assert staff.get(f"{path}?fields=title").json == {"title": "Vaccinate luna: flu"}
    assert staff.get(path, {"If-None-Match": etag(response)}).status_code == 304
    with writes_nothing(cafe):
        for _ in range(2):
            body = problem(staff.send("POST", f"{path}/done"), 409)
            assert body["type"] == "/problems/wrong-state"
            assert (
                body["detail"]
                == "A derived to-do is done when its cause is gone. Vaccinate the cat and set givenOn of flu."
            )
        assert pointers(staff.post("/todos", {"title": "x", "blockedBy": [todo["id"]]})) == ["/blockedBy/0"]
        for method in ("PUT", "PATCH", "DELETE"):
            headers = PATCH | {"If-Match": "*"} if method == "PATCH" else {}
            assert staff.send(method, path, headers, json={"title": "x", "done": True}).status_code == 404
        assert staff.get("/todos").json == staff.get("/todos?done=true").json == {"items": []}
        assert staff.get("/todos/next?assignee=me").json["items"] == []


@pytest.mark.parametrize(
    "id", ["derived-", "derived-weigh-0", "derived-vaccination-due-0123456789abcdef", "derived-😺"]
)
def test_unknown_derived_id_is_404(cafe: TestApp, id: str) -> None:
    create_cat(cafe, VACCINATION_DUE)
    staff = cafe.staff
    problem(staff.get(f"/todos/{id}"), 404)
    problem(staff.send("POST", f"/todos/{id}/done"), 404)
