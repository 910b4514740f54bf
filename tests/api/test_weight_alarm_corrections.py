"""The weight alarm and its derived to-do agree after corrections of the birth date or of a weight."""

from __future__ import annotations

from tests.support.app import Client, TestApp


def alarms(staff: Client, name: str) -> tuple[bool, bool]:
    """Return whether the weights have an alarm, and whether there is a derived to-do for it."""
    has_alarm = staff.get(f"/cats/{name}/weights").json["alarm"] is not None
    todos = staff.get("/todos/next").json["items"]
    return has_alarm, any(todo["id"].startswith("derived-weight-alarm-") for todo in todos)


def weigh(staff: Client, name: str, *weighings: tuple[str, int]) -> None:
    """Record weights at the given times."""
    for at, grams in weighings:
        body = {"weighedAt": at, "grams": grams}
        assert staff.post(f"/cats/{name}/weights", body).status_code == 201


LOW_GAIN = ("2026-11-15T09:00:00Z", 700), ("2026-11-21T09:00:00Z", 710)


def test_corrected_birth_date_updates_the_alarm(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/pip", {"birthDate": "2026-09-01"})
    weigh(staff, "pip", *LOW_GAIN)
    assert alarms(staff, "pip") == (True, True)
    staff.patch("/cats/pip", {"birthDate": "2020-09-01"}, if_match="*")
    assert alarms(staff, "pip") == (False, False)
    staff.patch("/cats/pip", {"birthDate": "2026-09-02"}, if_match="*")
    assert alarms(staff, "pip") == (True, True)


def test_of_two_weights_at_the_same_time_the_later_record_counts(cafe: TestApp) -> None:
    staff = cafe.staff
    for number in range(6):  # ids are random, so a single cat could pass by chance
        name = f"tom{number}"
        staff.put(f"/cats/{name}", {"birthDate": "2020-01-01"})
        weigh(staff, name, ("2026-11-01T09:00:00Z", 4000), ("2026-11-21T09:00:00Z", 400))
        cafe.clock.advance(seconds=1)
        weigh(staff, name, ("2026-11-21T09:00:00Z", 4000))
        assert alarms(staff, name) == (False, False)
