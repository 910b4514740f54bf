"""Which to-dos /todos/next returns: not those that are blocked, waiting, due much later, or done."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from api.domain.entity import first_version
from api.domain.todos import Todo
from api.services.mappings import TODO
from api.services.todos import MAX_CHECKED
from api.store.keys import marshal
from tests.support.app import Client, TestApp

FAR, NEAR = "2027-06-01", "2026-11-23"


def create_todo(client: Client, title: str, **fields: Any) -> str:
    """Create a to-do and return its id."""
    response = client.post("/todos", {"title": title} | fields)
    assert response.status_code == 201, response.json
    return str(response.json["id"])


def next_titles(cafe: TestApp) -> list[str]:
    """Return the titles of the next to-dos."""
    return [todo["title"] for todo in cafe.staff.get("/todos/next?limit=100").json["items"]]


def complete(cafe: TestApp, id: str) -> None:
    """Complete a to-do."""
    assert cafe.staff.send("POST", f"/todos/{id}/done").status_code == 200


def test_blocked_todo_is_replaced_by_its_blocker(cafe: TestApp) -> None:
    first = create_todo(cafe.staff, "first", due=FAR)
    assert next_titles(cafe) == []
    second = create_todo(cafe.staff, "second", due=NEAR, blockedBy=[first])
    assert next_titles(cafe) == ["first"]
    complete(cafe, first)
    assert next_titles(cafe) == ["second"]
    cafe.staff.patch(f"/todos/{first}", {"done": False}, if_match="*")
    assert next_titles(cafe) == ["first"]
    cafe.staff.delete(f"/todos/{first}")
    assert next_titles(cafe) == ["second"]
    complete(cafe, second)
    assert next_titles(cafe) == []


def test_only_the_first_todo_of_a_chain_is_a_candidate(cafe: TestApp) -> None:
    links = [create_todo(cafe.staff, "0", due=FAR)]
    for number in range(1, 5):
        links.append(create_todo(cafe.staff, str(number), due=FAR, blockedBy=[links[-1]]))
    create_todo(cafe.staff, "last", due=NEAR, blockedBy=[links[-1]])
    for number, link in enumerate(links):
        assert next_titles(cafe) == [str(number)]
        complete(cafe, link)
    assert next_titles(cafe) == ["last"]


def test_long_chain_of_blockers_takes_a_limited_number_of_calls(cafe: TestApp) -> None:
    last = create_todo(cafe.staff, "first", due=NEAR)
    for number in range(MAX_CHECKED + 5):  # a chain grows without limit at its end
        blocker = create_todo(cafe.staff, str(number), due=FAR)
        assert cafe.staff.patch(f"/todos/{last}", {"blockedBy": [blocker]}, if_match="*").status_code == 200
        last = blocker
    staff = cafe.staff
    response, budget = cafe.measure(lambda: staff.get("/todos/next"))
    assert [todo["title"] for todo in response.json["items"]] == [str(MAX_CHECKED - 1)]
    assert len(budget.calls) <= MAX_CHECKED + 10


def test_blocker_gets_the_points_of_its_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"status": "quarantine"})
    create_todo(staff, "near", due=NEAR, blockedBy=[create_todo(staff, "far", due=FAR, cat="luna")])
    (far,) = staff.get("/todos/next?explain=true").json["items"]
    terms = {term["name"]: term["value"] for term in far["explanation"]["terms"]}
    assert (terms["cat"], terms["blocking"]) == (1.0, 1.0)


def test_waiting_todo_is_a_candidate_from_wait_until(cafe: TestApp) -> None:
    wait_until = "2026-11-22T15:00:00Z"
    waiting = create_todo(cafe.staff, "waits", waitUntil=wait_until, due=FAR)
    create_todo(cafe.staff, "blocked", blockedBy=[waiting])
    create_todo(cafe.staff, "far and waits no more", waitUntil="2026-11-22T11:00:00Z", due=FAR)
    cafe.clock.advance(hours=2, minutes=59, seconds=59)
    assert next_titles(cafe) == ["far and waits no more"]
    cafe.clock.advance(seconds=1)
    assert next_titles(cafe) == ["waits", "far and waits no more"]
    complete(cafe, waiting)
    assert sorted(next_titles(cafe)) == ["blocked", "far and waits no more"]


def test_overdue_medicine_is_a_candidate_although_blocked(cafe: TestApp) -> None:
    first = create_todo(cafe.staff, "first", waitUntil="2026-11-25T00:00:00Z", due=FAR)
    create_todo(cafe.staff, "pill", kind="medicine", due="2026-11-22T13:00:00Z", blockedBy=[first])
    assert next_titles(cafe) == []
    cafe.clock.advance(hours=1)
    assert next_titles(cafe) == ["pill"]


def test_todo_is_a_candidate_from_the_lead_time_before_its_due(cafe: TestApp) -> None:
    create_todo(cafe.staff, "in a week", due="2026-11-29T12:00:00Z")
    create_todo(cafe.staff, "a second later", due="2026-11-29T12:00:01Z")
    create_todo(cafe.staff, "far", due=FAR)
    assert next_titles(cafe) == ["in a week"]
    cafe.clock.advance(seconds=1)
    assert next_titles(cafe) == ["in a week", "a second later"]
    assert next_titles(TestApp(cafe.table, cafe.clock, urgency_lead_hours=1.0)) == []


def test_done_and_deleted_todos_are_no_candidates(cafe: TestApp) -> None:
    daily = create_todo(cafe.staff, "daily", due="2026-11-22", recurrence={"every": 30, "unit": "days"})
    single = create_todo(cafe.staff, "single")
    deleted = create_todo(cafe.staff, "deleted")
    assert sorted(next_titles(cafe)) == ["daily", "deleted", "single"]
    complete(cafe, daily)
    complete(cafe, single)
    cafe.staff.delete(f"/todos/{deleted}")
    assert next_titles(cafe) == []
    cafe.clock.advance(days=40)
    (next_todo,) = cafe.staff.get("/todos/next").json["items"]
    assert (next_todo["title"], next_todo["id"] == daily) == ("daily", False)


def test_long_notes_do_not_hide_other_todos(cafe: TestApp) -> None:
    staff = cafe.staff
    for number in range(50):  # 24 KB each: a control character takes six bytes in JSON
        create_todo(staff, f"long {number}", notes="\x01" * 4000)
    cafe.clock.advance(seconds=1)
    create_todo(staff, "short")
    assert len(next_titles(cafe)) == 51


def test_a_thousand_old_todos_do_not_hide_overdue_care(cafe: TestApp) -> None:
    timestamps = first_version(cafe.clock.now - timedelta(days=9))
    puts = [
        {"PutRequest": {"Item": marshal(TODO.item(Todo(id=f"t{number}", title="old", by="ann", **timestamps), "r"))}}
        for number in range(1100)
    ]
    for start in range(0, len(puts), 25):
        cafe.table.client.batch_write_item(RequestItems={cafe.table.name: puts[start : start + 25]})
    create_todo(cafe.staff, "pill", kind="medicine", due="2026-11-22T11:00:00Z")
    cafe.staff.put("/cats/luna", {"vaccinations": [{"type": "flu", "dueOn": "2026-11-20"}]})
    assert next_titles(cafe)[:3] == ["Vaccinate luna: flu", "pill", "old"]


def test_deleted_author_appears_as_former_member_of_staff(cafe: TestApp) -> None:
    todo_id = create_todo(cafe.client("staff", "ann"), "by ann")
    cafe.client("owner").delete("/users/ann")
    staff = cafe.staff
    todos = [
        staff.get("/todos/next").json["items"][0],
        staff.get("/todos").json["items"][0],
        staff.get(f"/todos/{todo_id}").json,
    ]
    assert {todo["by"] for todo in todos} == {"a former member of staff"}
