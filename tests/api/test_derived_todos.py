"""Chores that follow from the state of a cat, and come and go with it. What each of them says is in tests/unit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import PATCH, TestApp, pointers, problem
from tests.support.inspection import etag, writes_nothing

SHOT = {"vaccinations": [{"type": "flu", "dueOn": "2026-11-25"}]}
GIVEN = {"vaccinations": [{"type": "flu", "dueOn": "2026-11-25", "givenOn": "2026-11-22", "expiresOn": "2027-11-22"}]}
HELD = {"status": "hold", "holdUntil": "2026-11-25"}
LOSES = [("11-01", 4000), ("11-22", 3600)]
SMALL = [("11-15", 600), ("11-22", 669)]


def take_in(cafe: TestApp, body: dict[str, Any] | None = None, *weighings: tuple[str, int], name: str = "luna") -> None:
    """Take a cat in and weigh her at noon of some days of the year."""
    assert cafe.staff.put(f"/cats/{name}", body or {}).status_code == 201
    for day, grams in weighings:
        weigh(cafe, f"2026-{day}T12:00:00Z", grams, name)


def weigh(cafe: TestApp, at: str | None, grams: int, name: str = "luna") -> None:
    assert cafe.staff.post(f"/cats/{name}/weights", {"grams": grams, "weighedAt": at}).status_code == 201


def change(cafe: TestApp, body: dict[str, Any]) -> None:
    assert cafe.staff.patch("/cats/luna", body, if_match="*").status_code == 200


def chores(cafe: TestApp) -> dict[str, int]:
    """Return the ids of what is to be done next, each with its tier."""
    return {todo["id"]: todo["tier"] for todo in cafe.staff.get("/todos/next").json["items"]}


def causes(cafe: TestApp) -> dict[str, int]:
    """Return the causes, each with its tier."""
    return {key.removeprefix("derived-").rpartition("-")[0]: tier for key, tier in chores(cafe).items()}


@pytest.mark.parametrize(
    ("body", "weighings", "wait", "cause", "tiers"),
    [
        (SHOT, [], {"hours": 60}, "vaccination-due", [(0, 3), (22, 2), (2, 1)]),
        (HELD, [], {"hours": 60}, "hold-ended", [(0, 3), (22, 3), (200, 3)]),
        (HELD | {"status": "quarantine"}, [], {"hours": 60}, "hold-ended", [(0, 3)]),
        ({}, [], {"days": 30}, "weigh", [(0, 3), (200, 3)]),
        ({}, [("11-20", 4000)], {"days": 30}, "weigh", [(0, 3)]),
    ],
)  # fmt: skip
def test_a_chore_appears_at_the_very_instant_and_rises_through_the_tiers(
    cafe: TestApp, body: dict[str, Any], weighings: Any, wait: Any, cause: str, tiers: list[tuple[int, int]]
) -> None:
    take_in(cafe, body, *weighings)
    assert causes(cafe) == {}
    cafe.clock.advance(**wait, microseconds=-1)
    assert causes(cafe) == {}
    cafe.clock.advance(microseconds=1)
    for hours, tier in tiers:
        cafe.clock.advance(hours=hours)
        assert causes(cafe) == {cause: tier}


@pytest.mark.parametrize(("born", "weighings", "sound"), [({}, LOSES, 3900), ({"birthDate": "2026-10-01"}, SMALL, 680)])
def test_an_alarm_of_the_scales_is_overdue_care_until_a_sound_weight(
    cafe: TestApp, born: dict[str, Any], weighings: list[tuple[str, int]], sound: int
) -> None:
    take_in(cafe, born, *weighings[:1])
    assert causes(cafe) == {}
    weigh(cafe, None, weighings[1][1])
    assert causes(cafe) == {"weight-alarm": 1}
    (chore,) = cafe.staff.get("/todos/next").json["items"]
    assert chore == chore | {"cat": "luna", "kind": "vet", "overdue": True, "by": "clowder"}
    alarm = cafe.staff.get("/cats/luna/weights").json["alarm"]
    assert (chore["title"], alarm["detail"] in chore["notes"]) == (f"Take luna to the vet: {alarm['code']}", True)
    before = chores(cafe)
    cafe.clock.advance(hours=5)
    weigh(cafe, None, weighings[1][1] - 5)
    assert chores(cafe) == before
    cafe.clock.advance(hours=1)
    weigh(cafe, None, sound)
    assert causes(cafe) == {}
    assert cafe.staff.get("/cats/luna/weights").json["alarm"] is None


def test_a_weight_that_is_entered_late_counts_for_when_it_was(cafe: TestApp) -> None:
    take_in(cafe, {}, ("11-22", 3600))
    weigh(cafe, "2026-11-01T12:00:00Z", 4000)
    assert [todo["due"] for todo in cafe.staff.get("/todos/next").json["items"]] == ["2026-11-22T12:00:00Z"]
    cafe.clock.advance(days=30)
    assert causes(cafe) == {"weight-alarm": 1, "weigh": 3}
    weigh(cafe, None, 3600)
    assert causes(cafe) == {}


ALL = SHOT | HELD | {"birthDate": "2020-01-01"}
EVERY = {"vaccination-due", "weight-alarm", "weigh", "hold-ended"}


def in_need(cafe: TestApp, name: str = "luna") -> dict[str, int]:
    """Take in a cat who needs everything, let a month pass, and return her chores."""
    take_in(cafe, ALL, *LOSES, name=name)
    cafe.clock.advance(days=31)
    assert causes(cafe).keys() == EVERY
    return chores(cafe)


@pytest.mark.parametrize(
    ("remedy", "cause"),
    [(GIVEN, "vaccination-due"), ({"vaccinations": []}, "vaccination-due"), ({"status": "intake"}, "hold-ended"),
     ({"vaccinations": [{"type": "flu", "dueOn": "2027-01-01"}]}, "vaccination-due"),
     ({"holdUntil": None}, "hold-ended"), ({"holdUntil": "2027-01-01"}, "hold-ended")],
)  # fmt: skip
def test_a_chore_goes_with_its_cause_alone_and_comes_back_with_it(
    cafe: TestApp, remedy: dict[str, Any], cause: str
) -> None:
    before = in_need(cafe)
    change(cafe, remedy)
    assert causes(cafe).keys() == EVERY - {cause}
    assert chores(cafe).items() <= before.items()
    change(cafe, SHOT | HELD)
    assert chores(cafe) == before


@pytest.mark.parametrize("gone", ["adopted", "transferred", "reclaimed", "deceased"])
def test_who_has_gone_needs_nothing_and_who_comes_back_needs_the_same_again(cafe: TestApp, gone: str) -> None:
    before = in_need(cafe)
    change(cafe, {"status": gone})
    assert chores(cafe) == {}
    for key in before:
        problem(cafe.staff.get(f"/todos/{key}"), 404)
        problem(cafe.staff.send("POST", f"/todos/{key}/done"), 404)
    change(cafe, {"status": "hold"})
    assert chores(cafe) == before


def test_ids_stay_through_reads_and_through_changes_that_have_nothing_to_do_with_them(cafe: TestApp) -> None:
    before = in_need(cafe)
    other = in_need(cafe, "tom").keys() - before.keys()
    assert len(other) == 4
    for body in (
        {"location": {"area": "attic"}},
        {"description": "Purrs."},
        {"bondedWith": ["tom"]},
        {"sex": "female"},
    ):
        change(cafe, body)
        assert chores(cafe).keys() == before.keys() | other
    cafe.staff.patch("/cats/tom", {"bondedWith": []}, if_match="*")
    assert cafe.staff.put("/cats/luna", SHOT | HELD).status_code == 200
    assert chores(cafe).keys() == before.keys() | other


def test_another_cat_of_the_name_has_chores_of_her_own(cafe: TestApp) -> None:
    before = in_need(cafe)
    assert cafe.staff.delete("/cats/luna").status_code == 204
    assert chores(cafe) == {}
    cafe.staff.put("/cats/luna", ALL)
    assert causes(cafe).keys() == {"vaccination-due", "hold-ended"}
    assert chores(cafe).keys().isdisjoint(before)
    for key in before:
        problem(cafe.staff.get(f"/todos/{key}"), 404)


def test_a_derived_chore_is_read_like_any_other_and_done_by_mending_its_cause(cafe: TestApp) -> None:
    take_in(cafe, SHOT)
    cafe.clock.advance(days=3)
    staff = cafe.staff
    (shown,) = staff.get("/todos/next").json["items"]
    path = f"/todos/{shown['id']}"
    there = staff.get(path)
    assert there.json.items() <= shown.items()
    assert there.json | {"by": "clowder", "due": "2026-11-25", "done": False, "assignee": None} == there.json
    assert staff.get(f"{path}?fields=title").json == {"title": "Vaccinate luna: flu"}
    assert staff.get(path, {"If-None-Match": etag(there)}).status_code == 304
    with writes_nothing(cafe):
        for _ in range(2):
            told = problem(staff.send("POST", f"{path}/done"), 409)
            assert told["type"] == "/problems/wrong-state"
            assert told["detail"] == "This is done by mending its cause. Vaccinate her and set givenOn of flu."
        assert pointers(staff.post("/todos", {"title": "x", "blockedBy": [shown["id"]]})) == ["/blockedBy/0"]
        for method in ("PUT", "PATCH", "DELETE"):
            headers = PATCH | {"If-Match": "*"} if method == "PATCH" else {}
            assert staff.send(method, path, headers, json={"title": "x", "done": True}).status_code == 404
        assert staff.get("/todos").json == staff.get("/todos?done=true").json == {"items": []}
        assert staff.get("/todos/next?assignee=me").json["items"] == []


@pytest.mark.parametrize(
    "id", ["derived-", "derived-weigh-0", "derived-vaccination-due-0123456789abcdef", "derived-😺"]
)
def test_what_nothing_follows_from_is_not_there(cafe: TestApp, id: str) -> None:
    take_in(cafe, SHOT)
    staff = cafe.staff
    problem(staff.get(f"/todos/{id}"), 404)
    problem(staff.send("POST", f"/todos/{id}/done"), 404)
