"""What is offered as the next thing to do, and what is not: blocked, waiting, far away, finished."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from api.domain.entity import first_version
from api.domain.todos import Todo
from api.services.mappings import TODO
from api.store.keys import marshal
from tests.support.app import Client, TestApp

FAR, NEAR = "2027-06-01", "2026-11-23"


def note(who: Client, title: str, **more: Any) -> str:
    """Note something to do and return its id."""
    answer = who.post("/todos", {"title": title} | more)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def offered(cafe: TestApp) -> list[str]:
    """Return the titles of what is to be done next."""
    return [todo["title"] for todo in cafe.staff.get("/todos/next?limit=100").json["items"]]


def do(cafe: TestApp, id: str) -> None:
    """Do it."""
    assert cafe.staff.send("POST", f"/todos/{id}/done").status_code == 200


def test_what_is_blocked_is_not_offered_and_what_blocks_it_is_though_it_is_not_due(cafe: TestApp) -> None:
    first = note(cafe.staff, "first", due=FAR)
    assert offered(cafe) == []
    second = note(cafe.staff, "second", due=NEAR, blockedBy=[first])
    assert offered(cafe) == ["first"]
    do(cafe, first)
    assert offered(cafe) == ["second"]
    cafe.staff.patch(f"/todos/{first}", {"done": False}, if_match="*")
    assert offered(cafe) == ["first"]
    cafe.staff.delete(f"/todos/{first}")
    assert offered(cafe) == ["second"]
    do(cafe, second)
    assert offered(cafe) == []


def test_of_a_chain_of_what_is_not_due_the_first_link_is_offered_alone(cafe: TestApp) -> None:
    links = [note(cafe.staff, "0", due=FAR)]
    for number in range(1, 5):
        links.append(note(cafe.staff, str(number), due=FAR, blockedBy=[links[-1]]))
    note(cafe.staff, "last", due=NEAR, blockedBy=[links[-1]])
    for number, link in enumerate(links):
        assert offered(cafe) == [str(number)]
        do(cafe, link)
    assert offered(cafe) == ["last"]


def test_what_blocks_something_has_the_points_of_its_own_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"status": "quarantine"})
    note(staff, "near", due=NEAR, blockedBy=[note(staff, "far", due=FAR, cat="luna")])
    (far,) = staff.get("/todos/next?explain=true").json["items"]
    terms = {term["name"]: term["value"] for term in far["explanation"]["terms"]}
    assert (terms["cat"], terms["blocking"]) == (1.0, 1.0)


def test_what_waits_is_offered_from_the_very_instant_and_blocks_until_it_is_done(cafe: TestApp) -> None:
    until = "2026-11-22T15:00:00Z"
    waits = note(cafe.staff, "waits", waitUntil=until, due=FAR)
    note(cafe.staff, "blocked", blockedBy=[waits])
    note(cafe.staff, "far and waits no more", waitUntil="2026-11-22T11:00:00Z", due=FAR)
    cafe.clock.advance(hours=2, minutes=59, seconds=59)
    assert offered(cafe) == ["far and waits no more"]
    cafe.clock.advance(seconds=1)
    assert offered(cafe) == ["waits", "far and waits no more"]
    do(cafe, waits)
    assert sorted(offered(cafe)) == ["blocked", "far and waits no more"]


def test_an_overdue_dose_is_not_hidden_by_what_blocks_it(cafe: TestApp) -> None:
    first = note(cafe.staff, "first", waitUntil="2026-11-25T00:00:00Z", due=FAR)
    note(cafe.staff, "pill", kind="medicine", due="2026-11-22T13:00:00Z", blockedBy=[first])
    assert offered(cafe) == []
    cafe.clock.advance(hours=1)
    assert offered(cafe) == ["pill"]


def test_what_is_due_far_ahead_is_offered_when_its_nearness_counts(cafe: TestApp) -> None:
    note(cafe.staff, "in a week", due="2026-11-29T12:00:00Z")
    note(cafe.staff, "a second later", due="2026-11-29T12:00:01Z")
    note(cafe.staff, "far", due=FAR)
    assert offered(cafe) == ["in a week"]
    cafe.clock.advance(seconds=1)
    assert offered(cafe) == ["in a week", "a second later"]
    assert offered(TestApp(cafe.table, cafe.clock, urgency_lead_hours=1.0)) == []


def test_what_is_finished_is_never_offered_again(cafe: TestApp) -> None:
    daily = note(cafe.staff, "daily", due="2026-11-22", recurrence={"every": 30, "unit": "days"})
    single = note(cafe.staff, "single")
    struck = note(cafe.staff, "struck")
    assert sorted(offered(cafe)) == ["daily", "single", "struck"]
    do(cafe, daily)
    do(cafe, single)
    cafe.staff.delete(f"/todos/{struck}")
    assert offered(cafe) == []
    cafe.clock.advance(days=40)
    (following,) = cafe.staff.get("/todos/next").json["items"]
    assert (following["title"], following["id"] == daily) == ("daily", False)


def test_long_notes_push_nothing_off_the_list(cafe: TestApp) -> None:
    staff = cafe.staff
    for number in range(50):  # each of them is kept in 24 KB: a control character takes six bytes in JSON
        note(staff, f"long {number}", notes="\x01" * 4000)
    cafe.clock.advance(seconds=1)
    note(staff, "short")
    assert len(offered(cafe)) == 51


def test_a_thousand_errands_hide_no_dose(cafe: TestApp) -> None:
    old = first_version(cafe.clock.now - timedelta(days=9))
    puts = [
        {"PutRequest": {"Item": marshal(TODO.item(Todo(id=f"t{number}", title="errand", by="ann", **old), "r"))}}
        for number in range(1100)
    ]
    for place in range(0, len(puts), 25):
        cafe.table.client.batch_write_item(RequestItems={cafe.table.name: puts[place : place + 25]})
    note(cafe.staff, "pill", kind="medicine", due="2026-11-22T11:00:00Z")
    cafe.staff.put("/cats/luna", {"vaccinations": [{"type": "flu", "dueOn": "2026-11-20"}]})
    assert offered(cafe)[:3] == ["Vaccinate luna: flu", "pill", "errand"]


def test_whoever_has_been_deleted_signs_as_a_former_member_of_staff_here_too(cafe: TestApp) -> None:
    hers = note(cafe.client("staff", "ann"), "hers")
    cafe.client("owner").delete("/users/ann")
    staff = cafe.staff
    shown = [
        staff.get("/todos/next").json["items"][0],
        staff.get("/todos").json["items"][0],
        staff.get(f"/todos/{hers}").json,
    ]
    assert {todo["by"] for todo in shown} == {"a former member of staff"}
