"""A café in another time zone: its days, its lists and its recurring to-dos."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.app import FakeClock, TestApp, pointers

AUCKLAND, LOS_ANGELES = "Pacific/Auckland", "America/Los_Angeles"


def cafe_in(cafe: TestApp, zone: str, now: str) -> TestApp:
    """Return the café in a time zone, at a time in UTC."""
    return TestApp(cafe.table, FakeClock(datetime.fromisoformat(now).replace(tzinfo=UTC)), time_zone=zone)


@pytest.mark.parametrize(
    ("zone", "yesterday", "today"),
    [(LOS_ANGELES, "2026-11-30T07:59:59", "2026-11-30T08:00"), (AUCKLAND, "2026-11-29T10:59:59", "2026-11-29T11:00")],
)
def test_day_of_a_cat_begins_at_the_midnight_of_the_cafe(cafe: TestApp, zone: str, yesterday: str, today: str) -> None:
    staff = cafe_in(cafe, zone, yesterday).staff
    assert pointers(staff.put("/cats/luna", {"birthDate": "2026-11-30"})) == ["/birthDate"]
    body = {
        "birthDate": "2025-11-30", "status": "hold", "holdUntil": "2026-11-30",
        "vaccinations": [{"type": "FVRCP", "dueOn": "2026-11-30"}],
    }  # fmt: skip
    cat = staff.put("/cats/luna", body).json
    assert (cat["ageGroup"], "vaccination-due" in {blocker["code"] for blocker in cat["blockers"]}) == ("baby", False)
    assert [len(staff.get(f"/cats?ageGroup={group}").json["items"]) for group in ("baby", "young")] == [1, 0]
    assert staff.get("/todos/next").json["items"] == []
    weight = {"grams": 90, "weighedAt": "2025-11-30T00:00:00Z"}
    # Midnight UTC is before the birth in Los Angeles. Its own weighing would end the derived to-do.
    if zone == LOS_ANGELES:
        assert pointers(staff.post("/cats/luna/weights", weight)) == ["/weighedAt"]
    staff = cafe_in(cafe, zone, today).staff
    cat = staff.get("/cats/luna").json
    assert (cat["ageGroup"], "vaccination-due" in {blocker["code"] for blocker in cat["blockers"]}) == ("young", True)
    assert [len(staff.get(f"/cats?ageGroup={group}").json["items"]) for group in ("baby", "young")] == [0, 1]
    assert len(staff.get("/todos/next").json["items"]) == 2
    assert staff.get(f"/cats/luna/history?at={yesterday}Z").json["ageGroup"] == "baby"
    assert staff.get(f"/cats/luna/history?at={today}:00Z").json["ageGroup"] == "young"


@pytest.mark.parametrize("zone", [LOS_ANGELES, AUCKLAND, "Europe/Berlin"])
def test_history_at_the_first_and_last_times_has_a_local_date(cafe: TestApp, zone: str) -> None:
    staff = cafe_in(cafe, zone, "2026-11-30T12:00").staff
    staff.put("/cats/luna", {"birthDate": "2025-11-30"})
    assert staff.get("/cats/luna/history?at=9999-12-31T23:30:00Z").json["ageGroup"] == "senior"
    assert staff.get("/cats/luna/history?at=0001-01-01T00:30:00Z").status_code == 404


def test_todo_of_a_day_is_overdue_after_the_midnight_of_the_cafe(cafe: TestApp) -> None:
    staff = cafe_in(cafe, LOS_ANGELES, "2026-12-01T07:59").staff
    dose = staff.post("/todos", {"title": "A dose", "kind": "medicine", "due": "2026-11-30"}).headers["Location"]
    timed = {"title": "Later that day", "due": "2026-12-01T07:00:00Z"}
    assert staff.post("/todos", timed).status_code == 201
    assert [todo["title"] for todo in staff.get("/todos").json["items"]] == ["Later that day", "A dose"]
    assert (staff.get(dose).json["overdue"], staff.get("/todos/next").json["items"][0]["tier"]) == (False, 2)
    staff = cafe_in(cafe, LOS_ANGELES, "2026-12-01T08:00").staff
    assert (staff.get(dose).json["overdue"], staff.get("/todos/next").json["items"][0]["tier"]) == (True, 1)
    wait = {"title": "x", "due": "2026-11-30", "waitUntil": "2026-12-01T08:00:01Z"}
    assert pointers(staff.post("/todos", wait)) == ["/waitUntil"]
    assert staff.post("/todos", wait | {"waitUntil": "2026-12-01T08:00:00Z"}).status_code == 201


def test_change_of_the_time_zone_hides_no_overdue_dose(cafe: TestApp) -> None:
    before = cafe_in(cafe, "Pacific/Pago_Pago", "2026-11-01T00:00").staff
    before.post("/todos", {"title": "A dose", "kind": "medicine", "due": "2026-11-30"})
    before.put("/cats/luna", {"vaccinations": [{"type": "FVRCP", "dueOn": "2026-12-01"}]})
    moved = TestApp(
        cafe.table,
        FakeClock(datetime(2026, 11, 30, 10, tzinfo=UTC)),
        time_zone="Pacific/Kiritimati",
        urgency_lead_hours=1.0,
        urgency_soon_hours=1.0,
    )
    assert [todo["title"] for todo in moved.staff.get("/todos/next").json["items"]] == [
        "A dose", "Vaccinate luna: FVRCP",
    ]  # fmt: skip


def test_recurring_todo_stays_at_its_local_time(cafe: TestApp) -> None:
    staff = cafe_in(cafe, "Europe/London", "2027-03-27T08:05").staff
    body = {"title": "A dose", "due": "2027-03-27T08:00:00Z", "waitUntil": "2027-03-27T07:00:00Z"}
    path = staff.post("/todos", body | {"recurrence": {"every": 1, "unit": "days"}}).headers["Location"]
    following = staff.get(f"/todos/{staff.send('POST', f'{path}/done').json['next']}").json
    assert (following["due"], following["waitUntil"]) == ("2027-03-28T07:00:00Z", "2027-03-28T06:00:00Z")


def test_series_keeps_the_31st_after_a_patch_of_another_field(cafe: TestApp) -> None:
    staff = cafe_in(cafe, "Europe/London", "2027-01-05T12:00").staff
    body = {"title": "Pay", "due": "2027-01-31", "recurrence": {"every": 1, "unit": "months"}}
    path, dues = staff.post("/todos", body).headers["Location"], []
    for _ in range(3):
        path = f"/todos/{staff.send('POST', f'{path}/done').json['next']}"
        assert staff.patch(path, {"priority": "high"}, if_match="*").status_code == 200
        dues.append(staff.get(path).json["due"])
    assert dues == ["2027-02-28", "2027-03-31", "2027-04-30"]


TIMES = {
    "2026-11-21t08:00:00z": True, "2026-11-21T08:00:00.123456789-00:00": True, "2026-11-21T08:00:00+01:00": True,
    "2026-11-21T23:59:60Z": False, "2026-11-21T24:00:00Z": False, "2026-11-21T08:00Z": False,
    "2026-11-21T08:00:00": False, "2026-W47-6T08:00:00Z": False, "20261121T080000Z": False,
    "2026-11-21T08:00:00,5Z": False, "2026-11-21T08:00:00+24:00": False,
}  # fmt: skip


@pytest.mark.parametrize("time", TIMES)
def test_rfc_3339_times_are_accepted_everywhere_or_nowhere(cafe: TestApp, time: str) -> None:
    staff, valid = cafe.staff, TIMES[time]
    staff.put("/cats/luna", {})
    responses = [
        staff.post("/todos", {"title": "x", "due": time}),
        staff.post("/todos", {"title": "x", "waitUntil": time}),
        staff.post("/cats/luna/weights", {"grams": 4000, "weighedAt": time}),
        staff.post("/pies", {"name": "apple", "soldOutUntil": time}),
        staff.post("/posts", {"title": "x", "body": "x", "publishedAt": time}),
    ]
    assert [response.status_code for response in responses] == [201 if valid else 422] * 5
    at = staff.get("/cats/luna/history", query_string={"at": time})
    assert at.status_code == (404 if valid else 400)
    if time.endswith(":60Z"):
        assert all("eap seconds" in str(response.json["errors"]) for response in [*responses, at])
