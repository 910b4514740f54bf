"""What is done, and what follows it: series, reopening, and to-dos that wait on each other."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.support.app import PATCH, Client, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing

DAILY = {"due": "2026-11-22", "recurrence": {"every": 1, "unit": "days"}}


def note(staff: Client, title: str = "Sweep", **more: Any) -> str:
    """Note something to do and return its id."""
    answer = staff.post("/todos", {"title": title} | more)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def do(staff: Client, id: str, way: str = "POST") -> TestResponse:
    """Do it in one of the ways that there are."""
    if way == "POST":
        return staff.send("POST", f"/todos/{id}/done")
    path = f"/todos/{id}"
    if way == "PATCH":
        return staff.patch(path, {"done": True}, if_match=etag(staff.get(path)))
    servers = {"doneAt", "doneBy", "next", "by", "created", "updated", "version", "overdue"}
    there = {name: value for name, value in staff.get(path).json.items() if name not in servers}
    return staff.put(path, there | {"done": True})


def open_ones(staff: Client) -> list[dict[str, Any]]:
    """Return what is on the list."""
    found: list[dict[str, Any]] = staff.get("/todos?limit=100").json["items"]
    return found


every_way = pytest.mark.parametrize("way", ["POST", "PATCH", "PUT"])


@every_way
def test_what_is_done_says_when_and_by_whom(cafe: TestApp, way: str) -> None:
    there = note(cafe.client("staff", "ann"), due="2026-11-22T11:00:00Z")
    cafe.clock.advance(minutes=5)
    bo = cafe.client("staff", "bo")
    assert bo.get(f"/todos/{there}").json["overdue"] is True
    told = do(bo, there, way)
    assert told.status_code == 200
    assert told.json == bo.get(f"/todos/{there}").json
    assert told.json == told.json | {
        "done": True, "doneAt": "2026-11-22T12:05:00Z", "doneBy": "bo", "by": "ann", "next": None, "overdue": False,
        "version": 2,
    }  # fmt: skip
    assert etag(told) == etag(bo.get(f"/todos/{there}"))
    assert open_ones(bo) == []


def test_done_twice_is_done_once_and_told_in_the_same_words(cafe: TestApp) -> None:
    staff = cafe.staff
    there = note(staff, **DAILY)
    first = do(staff, there)
    cafe.clock.advance(minutes=5)
    with writes_nothing(cafe):
        second = do(staff, there)
    assert (first.status_code, second.status_code) == (200, 200)
    assert (first.data, etag(first)) == (second.data, etag(second))
    assert [todo["id"] for todo in open_ones(staff)] == [first.json["next"]]
    problem(staff.send("POST", f"/todos/{there}/done", {"If-Match": '"older"'}), 412)
    assert staff.send("POST", f"/todos/{there}/done", {"If-Match": etag(first)}).status_code == 200
    assert staff.send("POST", f"/todos/{there}/done", {"Prefer": "return=minimal"}).status_code == 204


@every_way
@pytest.mark.parametrize("again", ["POST", "PATCH", "PUT"])
def test_a_series_goes_on_once_in_whichever_ways_it_is_done(cafe: TestApp, way: str, again: str) -> None:
    staff = cafe.staff
    there = note(staff, **DAILY, kind="feeding", notes="Wet food.", priority="high", blockedBy=[note(staff)])
    first, second = do(staff, there, way), do(staff, there, again)
    assert first.json["next"] == second.json["next"] is not None
    assert (second.json["doneAt"], second.json["doneBy"]) == ("2026-11-22T12:00:00Z", "the staff")
    (following,) = [todo for todo in open_ones(staff) if todo["kind"] == "feeding"]
    assert following == following | {
        "id": first.json["next"], "due": "2026-11-23", "done": False, "notes": "Wet food.", "priority": "high",
        "blockedBy": [], "recurrence": {"every": 1, "unit": "days", "from": "due"}, "version": 1,
    }  # fmt: skip
    assert staff.get(f"/todos/{first.json['next']}").json == following


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
def test_it_recurs_from_its_due_or_from_when_it_was_done(
    cafe: TestApp, due: str, recurrence: dict[str, Any], hours: int, expected: str
) -> None:
    there = note(cafe.staff, due=due, recurrence=recurrence)
    cafe.clock.advance(hours=hours)
    staff = cafe.staff
    following = staff.get(f"/todos/{do(staff, there).json['next']}").json
    assert (following["due"], following["overdue"]) == (expected, False)


def test_a_series_goes_on_with_what_is_changed_in_the_act(cafe: TestApp) -> None:
    staff = cafe.staff
    there = note(staff, **DAILY)
    told = staff.patch(f"/todos/{there}", {"done": True, "title": "Mop", "due": "2026-11-24"}, if_match="*")
    assert [(todo["title"], todo["due"]) for todo in open_ones(staff)] == [("Mop", "2026-11-25")]
    last = staff.patch(f"/todos/{told.json['next']}", {"done": True, "recurrence": None}, if_match="*")
    assert (last.json["next"], open_ones(staff)) == (None, [])


def test_what_is_done_can_be_opened_again_unless_the_next_one_has_been_made(cafe: TestApp) -> None:
    staff = cafe.staff
    single, daily = note(staff), note(staff, **DAILY)
    do(staff, single)
    opened = staff.patch(f"/todos/{single}", {"done": False}, if_match="*").json
    assert (opened["done"], opened["doneAt"], opened["doneBy"]) == (False, None, None)
    assert single in [todo["id"] for todo in open_ones(staff)]
    following = do(staff, daily).json["next"]
    for _ in range(2):
        with writes_nothing(cafe):
            refused = staff.patch(f"/todos/{daily}", {"done": False}, if_match="*")
            assert pointers(refused) == pointers(staff.put(f"/todos/{daily}", {"title": "x"})) == ["/done"]
            assert following in refused.json["detail"]
        assert staff.patch(f"/todos/{daily}", {"notes": "n"}, if_match="*").json["next"] == following
        staff.delete(f"/todos/{following}")
    assert do(staff, single).json["doneAt"] == "2026-11-22T12:00:00Z"


def test_what_was_struck_off_was_not_done(cafe: TestApp) -> None:
    staff = cafe.staff
    there = note(staff, **DAILY)
    assert staff.delete(f"/todos/{there}").status_code == 204
    assert staff.get("/todos").json == staff.get("/todos?done=true").json == {"items": []}
    for answer in (do(staff, there), staff.get(f"/todos/{there}"), staff.put(f"/todos/{there}", {"title": "x"})):
        problem(answer, 404)


def test_done_is_a_post_and_nothing_else(cafe: TestApp) -> None:
    staff = cafe.staff
    there = note(staff)
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "BREW"):
        refused = staff.send(method, f"/todos/{there}/done", PATCH if method == "PATCH" else {}, json={})
        assert (refused.status_code, refused.headers["Allow"]) == (405, "OPTIONS, POST")
    assert staff.send("OPTIONS", f"/todos/{there}/done").headers["Allow"] == "OPTIONS, POST"
    assert staff.get(f"/todos/{there}").json["done"] is False


def test_of_two_who_do_it_with_one_tag_the_second_is_told_so_and_one_follows(cafe: TestApp) -> None:
    staff = cafe.staff
    there = note(staff, **DAILY)
    tag = etag(staff.get(f"/todos/{there}"))
    assert staff.patch(f"/todos/{there}", {"done": True}, if_match=tag).status_code == 200
    problem(staff.patch(f"/todos/{there}", {"done": True}, if_match=tag), 412)
    problem(staff.send("POST", f"/todos/{there}/done", {"If-Match": tag}), 412)
    problem(staff.delete(f"/todos/{there}", if_match=tag), 412)
    problem(staff.patch(f"/todos/{there}", {"done": True}), 428)
    assert len(open_ones(staff)) == 1


@pytest.mark.parametrize("length", [1, 2, 3, 12])
def test_nothing_waits_on_itself_at_first_or_at_last_hand(cafe: TestApp, length: int) -> None:
    staff = cafe.staff
    first = last = note(staff)
    for _ in range(length - 1):
        last = note(staff, blockedBy=[note(staff), last])
    with writes_nothing(cafe):
        loop = {"blockedBy": [last]}
        assert pointers(staff.patch(f"/todos/{first}", loop, if_match="*")) == ["/blockedBy/0"]
        assert pointers(staff.put(f"/todos/{first}", {"title": "x"} | loop)) == ["/blockedBy/0"]
        wrong = {"title": "", "kind": "play"} | loop
        assert pointers(staff.put(f"/todos/{first}", wrong)) == ["/blockedBy/0", "/kind", "/title"]
    assert len(staff.get("/todos?limit=100").json["items"]) == 2 * length - 1


def test_no_chain_is_so_long_that_a_loop_of_it_goes_unseen(cafe: TestApp) -> None:
    staff = cafe.staff
    first = last = note(staff)
    for _ in range(60):
        last = note(staff, blockedBy=[last])
    with writes_nothing(cafe):
        assert pointers(staff.patch(f"/todos/{first}", {"blockedBy": [last]}, if_match="*")) == ["/blockedBy/0"]
    wide = [note(staff) for _ in range(20)]
    for one in wide:
        staff.put(f"/todos/{one}", {"title": "Sweep", "blockedBy": [first] + [note(staff) for _ in range(3)]})
    assert pointers(staff.patch(f"/todos/{first}", {"blockedBy": wide}, if_match="*"))
    assert staff.patch(f"/todos/{first}", {"blockedBy": [note(staff)]}, if_match="*").status_code == 200
