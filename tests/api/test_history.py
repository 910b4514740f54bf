"""Who changed a cat, what and when; and the cat as she was."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import Client, TestApp, problem
from tests.support.inspection import etag, writes_nothing


def entries(who: Client, name: str = "luna", limit: int = 100) -> list[dict[str, Any]]:
    """Return the whole history of a cat."""
    found: list[dict[str, Any]] = []
    path = f"/cats/{name}/history?limit={limit}"
    while path:
        page = who.get(path).json
        found += page["items"]
        path = page.get("next")
    return found


def a_life(cafe: TestApp) -> None:
    """Let a cat be created, changed twice and deleted, an hour apart and by different people, from noon on."""
    ann, bea = (cafe.client("staff", name) for name in ("ann", "bea"))
    ann.put("/cats/luna", {"sex": "female"})
    cafe.clock.advance(minutes=30)
    bea = cafe.client("staff", "bea")
    cafe.clock.advance(minutes=30)
    bea.patch("/cats/luna", {"status": "available", "location": {"area": "café"}}, if_match="*")
    cafe.clock.advance(minutes=20)
    cafe.client("owner", "cleo").put("/cats/luna", {"sex": "female", "status": "adopted", "location": {"area": "café"}})
    cafe.clock.advance(minutes=40)
    cafe.client("staff", "ann").delete("/cats/luna")


def test_every_version_tells_who_made_it_when_and_which_members_changed(cafe: TestApp) -> None:
    a_life(cafe)
    assert [tuple(entry.values()) for entry in entries(cafe.staff)] == [
        ("2026-11-22T14:00:00Z", "deleted", "ann", 4, []),
        ("2026-11-22T13:20:00Z", "replaced", "cleo", 3, ["status"]),
        ("2026-11-22T13:00:00Z", "patched", "bea", 2, ["status", "location"]),
        ("2026-11-22T12:00:00Z", "created", "ann", 1, []),
    ]


@pytest.mark.parametrize(
    ("at", "seen"),
    [
        ("2026-11-22T11:59:59.999999Z", None),
        ("2026-11-22T12:00:00Z", ("intake", 1)),
        ("2026-11-22T12:59:59.999999Z", ("intake", 1)),
        ("2026-11-22T13:00:00Z", ("available", 2)),
        ("2026-11-22T14:19:59%2B01:00", ("available", 2)),
        ("2026-11-22T14:20:00+01:00", ("adopted", 3)),
        ("2026-11-22t13:59:59.5z", ("adopted", 3)),
        ("2026-11-22T14:00:00Z", None),
        ("2030-01-01T00:00:00Z", None),
        ("0500-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
    ],
)
def test_at_gives_the_cat_as_she_was_then(cafe: TestApp, at: str, seen: tuple[str, int] | None) -> None:
    a_life(cafe)
    answer = cafe.staff.get(f"/cats/luna/history?at={at}")
    if seen is None:
        problem(answer, 404)
    else:
        assert (answer.json["status"], answer.json["version"]) == seen


@pytest.mark.parametrize(("at", "status"), [("0500-01-01T00:00:00Z", 404), ("9999-12-31T23:59:59Z", 200)])
def test_years_of_any_length_stand_in_their_order(cafe: TestApp, at: str, status: int) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    assert staff.get(f"/cats/luna/history?at={at}").status_code == status


def test_what_is_derived_is_that_of_the_day_then(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"birthDate": "2025-11-23"})
    cafe.clock.advance(days=400)
    staff = cafe.staff
    then = staff.get("/cats/luna/history?at=2026-11-22T23:00:00Z").json
    assert (then["ageGroup"], staff.get("/cats/luna").json["ageGroup"]) == ("baby", "young")


@pytest.mark.parametrize(
    "at",
    ["", "now", "2026-11-22", "2026-11-22T12:00:00", "2026-11-22T25:00:00Z", "2026-11-22 12:00:00Z", "1", "T",
     "0001-01-01T00:00:00%2B14:00", "2026-11-22T12:00:00Zx"],
)  # fmt: skip
def test_an_instant_has_a_date_a_time_and_an_offset(cafe: TestApp, at: str) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    told = problem(staff.get(f"/cats/luna/history?at={at}"), 400)
    assert [fault["parameter"] for fault in told["errors"]] == ["at"]
    assert "RFC 3339" in told["detail"]


def test_a_cat_who_comes_back_goes_on_in_the_same_book(cafe: TestApp) -> None:
    a_life(cafe)
    cafe.clock.advance(minutes=1)
    cafe.staff.put("/cats/luna", {})
    found = entries(cafe.staff)
    assert [(entry["action"], entry["version"]) for entry in found][:2] == [("created", 1), ("deleted", 4)]
    assert len(found) == 5


def test_versions_stand_in_their_order_even_if_the_clock_stands_still(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    for number in range(12):
        staff.patch("/cats/luna", {"description": str(number)}, if_match="*")
    staff.delete("/cats/luna")
    assert [entry["version"] for entry in entries(staff)] == list(range(14, 0, -1))


def test_a_clock_that_goes_back_makes_no_version_older_than_the_one_before(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {})
    cafe.clock.advance(seconds=-5)
    staff = cafe.staff
    staff.patch("/cats/luna", {"sex": "female"}, if_match="*")
    staff.delete("/cats/luna")
    assert [entry["action"] for entry in entries(staff)] == ["deleted", "patched", "created"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_the_book_is_read_in_pages_of_any_size(cafe: TestApp, limit: int) -> None:
    a_life(cafe)
    assert entries(cafe.staff, limit=limit) == entries(cafe.staff)


def test_a_refused_write_leaves_no_entry(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    with writes_nothing(cafe):
        staff.put("/cats/luna", {"wings": 2})
        staff.patch("/cats/luna", {}, if_match='"old"')
        staff.post("/cats", {"name": "luna"})
    assert len(entries(staff)) == 1


@pytest.mark.parametrize("name", ["nemo", "a%2Cb", "..", "%00"])
def test_of_a_name_that_nobody_ever_had_there_is_no_book(cafe: TestApp, name: str) -> None:
    staff = cafe.staff
    problem(staff.get(f"/cats/{name}/history"), 404)
    problem(staff.get(f"/cats/{name}/history?at=2026-11-22T12:00:00Z"), 404)


def test_the_book_has_tags_and_cannot_be_written_in(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"staffNotes": "She bites."})
    answer = staff.get("/cats/luna/history")
    assert staff.get("/cats/luna/history", {"If-None-Match": etag(answer)}).status_code == 304
    assert "no-store" in answer.headers["Cache-Control"]
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        refused = staff.send(method, "/cats/luna/history", json={})
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_cursor_of_another_cats_book_is_400(cafe: TestApp) -> None:
    staff = cafe.staff
    for name in ("luna", "tom"):
        staff.put(f"/cats/{name}", {})
        staff.put(f"/cats/{name}", {})
    following = staff.get("/cats/luna/history?limit=1").json["next"]
    assert staff.get(following).status_code == 200
    problem(staff.get(following.replace("luna", "tom")), 400)
