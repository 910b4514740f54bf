"""To-dos: fields, validation of references, permissions and lists."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import PATCH, Client, TestApp, pointers, problem
from tests.support.inspection import writes_nothing

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MISSING = {"cat": "nemo", "assignee": "missing", "blockedBy": ["missing"]}


def create_todo(staff: Client, title: str = "Sweep", **fields: Any) -> str:
    """Create a to-do and return its id."""
    response = staff.post("/todos", {"title": title} | fields)
    assert response.status_code == 201, response.json
    return str(response.json["id"])


def titles(staff: Client, query: str = "", limit: int = 2) -> str:
    """Return the titles on all pages of a list."""
    result, path = [], f"/todos?limit={limit}{query and '&'}{query}"
    while path:
        page = staff.get(path).json
        assert len(page["items"]) <= limit
        result += [todo["title"] for todo in page["items"]]
        path = page.get("next")
    return " ".join(result)


def test_post_creates_a_todo_with_defaults(cafe: TestApp) -> None:
    created = cafe.client("staff", "ann").post("/todos", {"title": "Sweep"})
    assert created.status_code == 201
    assert created.headers["Location"] == f"/todos/{created.json['id']}"
    assert cafe.staff.get(created.headers["Location"]).json == created.json == {
        "id": created.json["id"], "title": "Sweep", "kind": "admin", "cat": None, "due": None, "priority": "normal",
        "assignee": None, "waitUntil": None, "blockedBy": [], "recurrence": None, "notes": None, "done": False,
        "doneAt": None, "doneBy": None, "next": None, "by": "ann", "overdue": False, "version": 1,
        "created": "2026-11-22T12:00:00Z", "updated": "2026-11-22T12:00:00Z",
    }  # fmt: skip


def test_todo_returns_all_fields_normalised(cafe: TestApp) -> None:
    staff = cafe.client("staff", "zoë")
    staff.put("/cats/Zoë", {})
    other = create_todo(staff)
    body = {
        "title": "A pill 💊", "kind": "medicine", "cat": " Zoe\u0308", "due": "2026-11-22T10:00:00+02:00",
        "priority": "high", "assignee": " ZOE\u0308 ", "waitUntil": "2026-11-22T09:00:00+02:00", "blockedBy": [other],
        "recurrence": {"every": 12, "unit": "hours"}, "notes": "With food.",
    }  # fmt: skip
    normalised = {
        "cat": "Zoë", "due": "2026-11-22T08:00:00Z", "assignee": "zoë", "waitUntil": "2026-11-22T07:00:00Z",
        "recurrence": {"every": 12, "unit": "hours", "from": "due"}, "overdue": True,
    }  # fmt: skip
    created = staff.post("/todos", body).json
    assert created == created | body | normalised
    replaced = staff.put(f"/todos/{other}", body | {"blockedBy": []}).json
    assert replaced == replaced | body | normalised | {"blockedBy": [], "version": 2, "id": other}
    assert staff.send("POST", "/todos", FORM, data="title=a+%26+b&kind=shop&due=2026-12-01").json["title"] == "a & b"


@pytest.mark.parametrize("role", ["public", "member"])
def test_todos_are_only_for_staff(cafe: TestApp, role: Any) -> None:
    todo_id = create_todo(cafe.staff)
    client, status = cafe.client(role), 401 if role == "public" else 403
    with writes_nothing(cafe):
        for path in (f"/todos/{todo_id}", "/todos/missing", "/todos/derived-weigh-0", "/todos/next", "/todos"):
            problem(client.get(path), status)
        for path in (f"/todos/{todo_id}", "/todos/missing"):
            for method, headers in (("PUT", {}), ("PATCH", PATCH), ("DELETE", {})):
                problem(client.send(method, path, headers | {"If-Match": "*"}, json={"title": "x"}), status)
            problem(client.send("POST", f"{path}/done"), status)
        problem(client.post("/todos", {"title": "x"}), status)
    assert cafe.staff.get("/todos").headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, ["/title"]),
        ({"title": " "}, ["/title"]),
        ({"title": "x" * 201, "notes": "x" * 4001, "assignee": ""}, ["/assignee", "/notes", "/title"]),
        ({"title": "x", "kind": "play", "priority": 1, "done": True}, ["/done", "/kind", "/priority"]),
        ({"title": "x", "due": "2026-02-30"}, ["/due"]),
        ({"title": "x", "due": "2026-11-22T08:00:00"}, ["/due"]),
        ({"title": "x", "due": "1999-12-31", "waitUntil": "2101-01-01T00:00:00Z"}, ["/due", "/waitUntil"]),
        ({"title": "x", "due": "2026-11-22", "waitUntil": "2026-11-23T00:00:01Z"}, ["/waitUntil"]),
        ({"title": "x", "recurrence": {"every": 1, "unit": "days"}}, ["/recurrence"]),
        ({"title": "x", "due": "2026-11-22", "recurrence": {"every": 1, "unit": "hours"}}, ["/recurrence/unit"]),
        ({"title": "x", "due": "2026-11-22", "recurrence": {"every": 0, "unit": "years", "x": 1}},
         ["/recurrence/every", "/recurrence/unit", "/recurrence/x"]),
        ({"title": "x", "due": "2026-11-22", "recurrence": {"every": 10**30, "unit": "days"}}, ["/recurrence/every"]),
        ({"title": "x", "blockedBy": ["a b", "😺", 3, "x" * 65]}, [f"/blockedBy/{n}" for n in range(4)]),
        ({"title": "x", "blockedBy": ["a"] * 21}, ["/blockedBy"]),
        ({"title": "x", "cat": "!", "assignee": "😺", "blockedBy": ["x" * 64]}, ["/assignee", "/blockedBy/0", "/cat"]),
        ({"title": "x", "assignee": " "}, ["/assignee"]),
        ({"title": "x", "id": "y", "doneAt": None, "by": "me", "next": "z"}, ["/by", "/doneAt", "/id", "/next"]),
    ],
)  # fmt: skip
def test_invalid_todo_is_422_with_all_errors(cafe: TestApp, body: dict[str, Any], expected: list[str]) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        assert pointers(staff.post("/todos", body)) == expected


def test_missing_references_are_reported_with_all_other_errors(cafe: TestApp) -> None:
    staff = cafe.staff
    cafe.client("member", "mia")
    cafe.client("staff", "ann")
    todo_id = create_todo(staff, assignee="ann")
    body = MISSING | {"title": 3, "due": "2026-02-30", "kind": "play", "x": 1}
    with writes_nothing(cafe):
        assert pointers(staff.post("/todos", {"title": "x"} | MISSING)) == ["/assignee", "/blockedBy/0", "/cat"]
        expected = ["/assignee", "/blockedBy/0", "/cat", "/due", "/kind", "/title", "/x"]
        assert pointers(staff.post("/todos", body)) == expected
        assert pointers(staff.put(f"/todos/{todo_id}", body)) == expected
        assert pointers(staff.patch(f"/todos/{todo_id}", body, if_match="*")) == expected
        several = {"title": "x", "blockedBy": ["a", todo_id, "b"]}
        assert pointers(staff.post("/todos", several)) == ["/blockedBy/0", "/blockedBy/2"]
        assert pointers(staff.post("/todos", {"title": "x", "assignee": "mia"})) == ["/assignee"]
    assert cafe.client("owner").patch("/users/ann", {"active": False}, if_match="*").status_code == 200
    assert pointers(staff.post("/todos", {"title": "x", "assignee": "ann"})) == ["/assignee"]
    assert staff.patch(f"/todos/{todo_id}", {"title": "unchanged assignee"}, if_match="*").status_code == 200
    for path in ("/todos?assignee=u_", "/todos/next?assignee=u_"):
        assert staff.get(path).json["items"] == []
    with writes_nothing(cafe):
        assert pointers(staff.post("/todos", {"title": "x", "assignee": "u_"})) == ["/assignee"]
        assert pointers(staff.put(f"/todos/{todo_id}", {"title": "x", "assignee": "u_"})) == ["/assignee"]
        assert pointers(staff.patch(f"/todos/{todo_id}", {"assignee": "u_"}, if_match="*")) == ["/assignee"]
        json_type = {"Content-Type": "application/json"}
        body = '{"title": "x", "assignee": "\\ud800"}'
        assert staff.send("PUT", f"/todos/{todo_id}", json_type, data=body).status_code == 400


def test_unchanged_references_may_be_deleted(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    first = create_todo(staff)
    second = create_todo(staff, cat="luna", blockedBy=[first])
    staff.delete("/cats/luna")
    staff.delete(f"/todos/{first}")
    assert staff.patch(f"/todos/{second}", {"notes": "n"}, if_match="*").status_code == 200
    body = {"title": "x", "cat": "luna", "blockedBy": [first]}
    assert staff.put(f"/todos/{second}", body).json == staff.get(f"/todos/{second}").json
    assert pointers(staff.post("/todos", body)) == ["/blockedBy/0", "/cat"]


def test_list_is_in_order_of_due_and_done_todos_latest_first(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    staff.put("/cats/Zoë", {})
    for title, fields in {
        "none": {"kind": "shop"}, "day": {"due": "2026-11-22", "cat": "Zoë"}, "far": {"due": "2100-12-31"},
        "morning": {"due": "2026-11-22T06:00:00Z", "assignee": "Ann", "kind": "medicine", "cat": "Zoë"},
        "zone": {"due": "2026-11-22T08:30:00+02:00", "assignee": "ann"}, "old": {"due": "2000-01-01"},
    }.items():  # fmt: skip
        create_todo(staff, title, **fields)
    for limit in (1, 2, 6):
        assert titles(staff, "", limit) == titles(staff, "done=false", limit) == "old morning zone day far none"
    assert titles(staff, "kind=medicine") == titles(staff, "kind=medicine&cat=Zo%C3%AB&assignee=me") == "morning"
    assert titles(staff, "cat=Zoe%CC%88") == "morning day"
    for assignee in ("me", "ME", "ann", "ANN", "%20Ann"):
        assert titles(staff, f"assignee={assignee}") == "morning zone"
    assert titles(cafe.staff, "assignee=me") == titles(staff, "assignee=%20") == titles(staff, "cat=%20") == ""
    for todo in staff.get("/todos?limit=4").json["items"]:
        cafe.clock.advance(minutes=1)
        assert staff.send("POST", f"/todos/{todo['id']}/done").status_code == 200
    assert (titles(staff), titles(staff, "done=true")) == ("far none", "day zone morning old")
    assert titles(staff, "done=true&assignee=me&kind=admin") == "zone"


@pytest.mark.parametrize(
    "query",
    [
        "done=1",
        "done=",
        "kind=play",
        "cat=",
        "assignee=",
        "limit=101",
        "sort=doneAt",
        "done=true&sort=due",
        "sort=title",
    ],
)
def test_invalid_parameter_value_is_400(cafe: TestApp, query: str) -> None:
    (error,) = problem(cafe.staff.get(f"/todos?{query}"), 400)["errors"]
    assert error["parameter"] == query.split("&")[-1].split("=")[0]


def test_open_todos_are_sorted_by_due_in_both_directions(cafe: TestApp) -> None:
    for day, kind in ((25, "vet"), (23, "shop"), (24, "admin")):
        cafe.staff.post("/todos", {"title": str(day), "kind": kind, "due": f"2026-11-{day}"})
    titles = lambda query: [todo["title"] for todo in cafe.staff.get(f"/todos?{query}").json["items"]]  # noqa: E731
    assert titles("") == titles("sort=due") == ["23", "24", "25"]
    assert titles("sort=-due") == ["25", "24", "23"]
    assert titles("kind=admin,vet,vet") == ["24", "25"]
    for todo in cafe.staff.get("/todos").json["items"]:
        cafe.staff.post(f"/todos/{todo['id']}/done", None)
        cafe.clock.advance(minutes=1)
    assert titles("done=true") == ["25", "24", "23"]


@pytest.mark.parametrize("id", ["missing", "x" * 65, "x" * 70, "😺", "a%20b", "%00", "..", "a%23b"])
def test_invalid_id_is_404_for_every_method(cafe: TestApp, id: str) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        for method, headers in (("GET", {}), ("PUT", {}), ("PATCH", PATCH), ("DELETE", {})):
            for condition in ({}, {"If-None-Match": "*"}):
                problem(staff.send(method, f"/todos/{id}", headers | condition, json={"title": "x"}), 404)
        problem(staff.send("POST", f"/todos/{id}/done"), 404)
