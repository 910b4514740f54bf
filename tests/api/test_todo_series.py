"""Completing to-dos: recurring series, reopening, and to-dos that block each other."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from api.services.todos import MAX_CHECKED
from tests.support.app import PATCH, Client, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing

DAILY = {"due": "2026-11-22", "recurrence": {"every": 1, "unit": "days"}}


def create_todo(staff: Client, title: str = "Sweep", **fields: Any) -> str:
    """Create a to-do and return its id."""
    response = staff.post("/todos", {"title": title} | fields)
    assert response.status_code == 201, response.json
    return str(response.json["id"])


def complete(staff: Client, id: str, method: str = "POST") -> TestResponse:
    """Complete a to-do with POST /done, PATCH or PUT."""
    if method == "POST":
        return staff.send("POST", f"/todos/{id}/done")
    path = f"/todos/{id}"
    if method == "PATCH":
        return staff.patch(path, {"done": True}, if_match=etag(staff.get(path)))
    read_only = {"doneAt", "doneBy", "next", "by", "created", "updated", "version", "overdue"}
    body = {name: value for name, value in staff.get(path).json.items() if name not in read_only}
    return staff.put(path, body | {"done": True})


def open_todos(staff: Client) -> list[dict[str, Any]]:
    """Return the open to-dos."""
    todos: list[dict[str, Any]] = staff.get("/todos?limit=100").json["items"]
    return todos


every_method = pytest.mark.parametrize("method", ["POST", "PATCH", "PUT"])


@every_method
def test_completed_todo_has_done_at_and_done_by(cafe: TestApp, method: str) -> None:
    todo_id = create_todo(cafe.client("staff", "ann"), due="2026-11-22T11:00:00Z")
    cafe.clock.advance(minutes=5)
    bo = cafe.client("staff", "bo")
    assert bo.get(f"/todos/{todo_id}").json["overdue"] is True
    response = complete(bo, todo_id, method)
    assert response.status_code == 200
    assert response.json == bo.get(f"/todos/{todo_id}").json
    assert response.json == response.json | {
        "done": True, "doneAt": "2026-11-22T12:05:00Z", "doneBy": "bo", "by": "ann", "next": None, "overdue": False,
        "version": 2,
    }  # fmt: skip
    assert etag(response) == etag(bo.get(f"/todos/{todo_id}"))
    assert open_todos(bo) == []


def test_second_completion_returns_the_same_response_and_writes_nothing(cafe: TestApp) -> None:
    staff = cafe.staff
    todo_id = create_todo(staff, **DAILY)
    first = complete(staff, todo_id)
    cafe.clock.advance(minutes=5)
    with writes_nothing(cafe):
        second = complete(staff, todo_id)
    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.data, etag(first)) == (second.data, etag(second))
    assert [todo["id"] for todo in open_todos(staff)] == [first.json["next"]]
    problem(staff.send("POST", f"/todos/{todo_id}/done", {"If-Match": '"older"'}), 412)
    assert staff.send("POST", f"/todos/{todo_id}/done", {"If-Match": etag(first)}).status_code == 200
    assert staff.send("POST", f"/todos/{todo_id}/done", {"Prefer": "return=minimal"}).status_code == 204


@every_method
@pytest.mark.parametrize("second_method", ["POST", "PATCH", "PUT"])
def test_repeated_completion_creates_one_next_todo(cafe: TestApp, method: str, second_method: str) -> None:
    staff = cafe.staff
    todo_id = create_todo(
        staff, **DAILY, kind="feeding", notes="Wet food.", priority="high", blockedBy=[create_todo(staff)]
    )
    first, second = complete(staff, todo_id, method), complete(staff, todo_id, second_method)
    assert first.json["next"] == second.json["next"] is not None
    assert (second.json["doneAt"], second.json["doneBy"]) == ("2026-11-22T12:00:00Z", "the staff")
    (next_todo,) = [todo for todo in open_todos(staff) if todo["kind"] == "feeding"]
    assert next_todo == next_todo | {
        "id": first.json["next"], "due": "2026-11-23", "done": False, "notes": "Wet food.", "priority": "high",
        "blockedBy": [], "recurrence": {"every": 1, "unit": "days", "from": "due"}, "version": 1,
    }  # fmt: skip
    assert staff.get(f"/todos/{first.json['next']}").json == next_todo


@pytest.mark.parametrize(
    ("due", "recurrence", "hours", "expected"),
    [
        ("2026-11-22", {"every": 1, "unit": "days"}, 0, "2026-11-23"),
        ("2026-11-20", {"every": 1, "unit": "weeks"}, 0, "2026-11-27"),
        ("2026-11-01", {"every": 1, "unit": "weeks"}, 0, "2026-11-22"),
        ("2026-11-20", {"every": 3, "unit": "days", "from": "done"}, 36, "2026-11-27"),
        ("2026-11-22T08:00:00Z", {"every": 12, "unit": "hours"}, 1, "2026-11-22T20:00:00Z"),
        ("2026-11-22T08:00:00Z", {"every": 12, "unit": "hours"}, 8, "2026-11-23T08:00:00Z"),
        ("2026-11-22T08:00:00Z", {"every": 12, "unit": "hours", "from": "done"}, 1, "2026-11-23T01:00:00Z"),
        ("2026-12-24T08:00:00Z", {"every": 1, "unit": "days"}, 0, "2026-12-25T08:00:00Z"),
    ],
)
def test_next_due_is_counted_from_due_or_done(
    cafe: TestApp, due: str, recurrence: dict[str, Any], hours: int, expected: str
) -> None:
    todo_id = create_todo(cafe.staff, due=due, recurrence=recurrence)
    cafe.clock.advance(hours=hours)
    staff = cafe.staff
    next_todo = staff.get(f"/todos/{complete(staff, todo_id).json['next']}").json
    assert (next_todo["due"], next_todo["overdue"]) == (expected, False)


def test_fields_changed_by_the_completing_patch_apply_to_the_next_todo(cafe: TestApp) -> None:
    staff = cafe.staff
    todo_id = create_todo(staff, **DAILY)
    response = staff.patch(f"/todos/{todo_id}", {"done": True, "title": "Mop", "due": "2026-11-24"}, if_match="*")
    assert [(todo["title"], todo["due"]) for todo in open_todos(staff)] == [("Mop", "2026-11-25")]
    last = staff.patch(f"/todos/{response.json['next']}", {"done": True, "recurrence": None}, if_match="*")
    assert (last.json["next"], open_todos(staff)) == (None, [])


def reopen(staff: Client, id: str, method: str = "PATCH", **fields: Any) -> TestResponse:
    """Reopen a to-do with PATCH or PUT."""
    path = f"/todos/{id}"
    if method == "PATCH":
        return staff.patch(path, {"done": False} | fields, if_match="*")
    return staff.put(path, {"title": "Sweep"} | DAILY | fields)


def test_todo_that_does_not_recur_can_be_reopened(cafe: TestApp) -> None:
    staff = cafe.staff
    todo_id = create_todo(staff)
    complete(staff, todo_id)
    reopened = reopen(staff, todo_id).json
    assert (reopened["done"], reopened["doneAt"], reopened["doneBy"]) == (False, None, None)
    assert [todo["id"] for todo in open_todos(staff)] == [todo_id]
    assert complete(staff, todo_id).json["doneAt"] == "2026-11-22T12:00:00Z"


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_reopened_todo_deletes_its_untouched_next_todo(cafe: TestApp, method: str) -> None:
    staff = cafe.staff
    todo_id = create_todo(staff, **DAILY)
    for _ in range(2):
        next_id = complete(staff, todo_id).json["next"]
        staff.patch(f"/todos/{next_id}", {}, if_match="*")
        reopened = reopen(staff, todo_id, method)
        assert reopened.status_code == 200
        assert [reopened.json[name] for name in ("done", "doneAt", "doneBy", "next")] == [False, None, None, None]
        assert open_todos(staff) == [reopened.json]
        problem(staff.get(f"/todos/{next_id}"), 404)


def test_todos_of_a_series_are_reopened_in_the_reverse_order(cafe: TestApp) -> None:
    staff = cafe.staff
    todo_id = create_todo(staff, waitUntil="2026-11-01T08:00:00Z", assignee="the staff", **DAILY)
    ids = [todo_id]
    for _ in range(2):
        ids.append(complete(staff, ids[-1]).json["next"])
    for todo_id in reversed(ids[:-1]):
        assert reopen(staff, todo_id).status_code == 200
        assert [todo["id"] for todo in open_todos(staff)] == [todo_id]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_todo_cannot_be_reopened_after_its_next_todo_was_changed_or_done(cafe: TestApp, method: str) -> None:
    staff = cafe.staff
    for is_done, state in ((False, "has been changed"), (True, "is done")):
        todo_id = create_todo(staff, **DAILY)
        next_id = complete(staff, todo_id).json["next"]
        complete(staff, next_id) if is_done else staff.patch(f"/todos/{next_id}", {"notes": "Twice."}, if_match="*")
        with writes_nothing(cafe):
            response = reopen(staff, todo_id, method)
            assert pointers(response) == ["/done"]
        assert f"its next occurrence {state}." in response.json["detail"]
        assert staff.patch(f"/todos/{todo_id}", {"notes": "n"}, if_match="*").json["next"] == next_id
        assert staff.delete(f"/todos/{next_id}").status_code == 204
        assert reopen(staff, todo_id, method).json["next"] is None


def test_reopened_todo_is_not_blocked_by_the_todo_that_it_deletes(cafe: TestApp) -> None:
    staff = cafe.staff
    todo_id = create_todo(staff, **DAILY)
    next_id = complete(staff, todo_id).json["next"]
    between = create_todo(staff, blockedBy=[next_id])
    with writes_nothing(cafe):
        assert pointers(reopen(staff, todo_id, blockedBy=[next_id])) == ["/blockedBy/0"]
        assert pointers(reopen(staff, todo_id, due="2026-02-30", kind="nap")) == ["/due", "/kind"]
    response = reopen(staff, todo_id, blockedBy=[between])
    assert (response.status_code, response.json["blockedBy"]) == (200, [between])
    assert [todo["id"] for todo in staff.get("/todos/next").json["items"]] == [between]


def test_deleted_todo_is_in_no_list(cafe: TestApp) -> None:
    staff = cafe.staff
    todo_id = create_todo(staff, **DAILY)
    assert staff.delete(f"/todos/{todo_id}").status_code == 204
    assert staff.get("/todos").json == staff.get("/todos?done=true").json == {"items": []}
    for response in (
        complete(staff, todo_id),
        staff.get(f"/todos/{todo_id}"),
        staff.put(f"/todos/{todo_id}", {"title": "x"}),
    ):
        problem(response, 404)


def test_done_allows_only_post(cafe: TestApp) -> None:
    staff = cafe.staff
    todo_id = create_todo(staff)
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "BREW"):
        response = staff.send(method, f"/todos/{todo_id}/done", PATCH if method == "PATCH" else {}, json={})
        assert (response.status_code, response.headers["Allow"]) == (405, "OPTIONS, POST")
    assert staff.send("OPTIONS", f"/todos/{todo_id}/done").headers["Allow"] == "OPTIONS, POST"
    assert staff.get(f"/todos/{todo_id}").json["done"] is False


def test_second_completion_with_the_same_etag_is_412(cafe: TestApp) -> None:
    staff = cafe.staff
    todo_id = create_todo(staff, **DAILY)
    tag = etag(staff.get(f"/todos/{todo_id}"))
    assert staff.patch(f"/todos/{todo_id}", {"done": True}, if_match=tag).status_code == 200
    problem(staff.patch(f"/todos/{todo_id}", {"done": True}, if_match=tag), 412)
    problem(staff.send("POST", f"/todos/{todo_id}/done", {"If-Match": tag}), 412)
    problem(staff.delete(f"/todos/{todo_id}", if_match=tag), 412)
    problem(staff.patch(f"/todos/{todo_id}", {"done": True}), 428)
    assert len(open_todos(staff)) == 1


@pytest.mark.parametrize("length", [1, 2, 3, 12])
def test_cycle_of_blockers_is_422(cafe: TestApp, length: int) -> None:
    staff = cafe.staff
    first = last = create_todo(staff)
    for _ in range(length - 1):
        last = create_todo(staff, blockedBy=[create_todo(staff), last])
    with writes_nothing(cafe):
        cycle = {"blockedBy": [last]}
        assert pointers(staff.patch(f"/todos/{first}", cycle, if_match="*")) == ["/blockedBy/0"]
        assert pointers(staff.put(f"/todos/{first}", {"title": "x"} | cycle)) == ["/blockedBy/0"]
        body = {"title": "", "kind": "play"} | cycle
        assert pointers(staff.put(f"/todos/{first}", body)) == ["/blockedBy/0", "/kind", "/title"]
    assert len(staff.get("/todos?limit=100").json["items"]) == 2 * length - 1


@pytest.mark.slow
def test_todo_with_more_than_fifty_blockers_is_422(cafe: TestApp) -> None:
    staff = cafe.staff
    first = last = create_todo(staff)
    for _ in range(MAX_CHECKED):
        last = create_todo(staff, blockedBy=[last])
    with writes_nothing(cafe):
        assert pointers(staff.patch(f"/todos/{first}", {"blockedBy": [last]}, if_match="*")) == ["/blockedBy/0"]
        assert pointers(staff.post("/todos", {"title": "x", "blockedBy": [first, last]})) == ["/blockedBy/1"]
    ids = [create_todo(staff) for _ in range(20)]
    for todo_id in ids:
        staff.put(
            f"/todos/{todo_id}", {"title": "Sweep", "blockedBy": [first] + [create_todo(staff) for _ in range(3)]}
        )
    assert pointers(staff.patch(f"/todos/{first}", {"blockedBy": ids}, if_match="*"))
    assert staff.patch(f"/todos/{first}", {"blockedBy": [create_todo(staff)]}, if_match="*").status_code == 200
