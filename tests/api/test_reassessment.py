"""The alarm on a cat's care card is that of her scales, whatever is corrected afterwards."""

from __future__ import annotations

from tests.support.app import Client, TestApp


def alarms(staff: Client, name: str) -> tuple[bool, bool]:
    """Say whether the scales raise an alarm, and whether there is a chore of it."""
    scales = staff.get(f"/cats/{name}/weights").json["alarm"] is not None
    chores = staff.get("/todos/next").json["items"]
    return scales, any(todo["id"].startswith("derived-weight-alarm-") for todo in chores)


def weigh(staff: Client, name: str, *weighings: tuple[str, int]) -> None:
    """Weigh her at some instants."""
    for at, grams in weighings:
        body = {"weighedAt": at, "grams": grams}
        assert staff.post(f"/cats/{name}/weights", body).status_code == 201


SMALL = ("2026-11-15T09:00:00Z", 700), ("2026-11-21T09:00:00Z", 710)


def test_a_corrected_birth_date_lets_the_scales_judge_anew(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/pip", {"birthDate": "2026-09-01"})
    weigh(staff, "pip", *SMALL)
    assert alarms(staff, "pip") == (True, True)
    staff.patch("/cats/pip", {"birthDate": "2020-09-01"}, if_match="*")
    assert alarms(staff, "pip") == (False, False)
    staff.patch("/cats/pip", {"birthDate": "2026-09-02"}, if_match="*")
    assert alarms(staff, "pip") == (True, True)


def test_of_two_weighings_at_one_instant_the_later_entry_corrects_the_other(cafe: TestApp) -> None:
    staff = cafe.staff
    for number in range(6):  # their ids are random: one of the orders would be right by luck
        name = f"tom{number}"
        staff.put(f"/cats/{name}", {"birthDate": "2020-01-01"})
        weigh(staff, name, ("2026-11-01T09:00:00Z", 4000), ("2026-11-21T09:00:00Z", 400))
        cafe.clock.advance(seconds=1)
        weigh(staff, name, ("2026-11-21T09:00:00Z", 4000))
        assert alarms(staff, name) == (False, False)
