"""The history of a cat: who changed which fields and when, and the cat at an earlier time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from api.domain.entity import TICK, HistoryEntry
from api.services.mappings import CAT
from api.store.keys import marshal
from api.store.repository import Change
from tests.support.app import Client, TestApp, problem
from tests.support.inspection import etag, writes_nothing


def entries(client: Client, name: str = "luna", limit: int = 100) -> list[dict[str, Any]]:
    """Return all entries of the history of a cat."""
    result: list[dict[str, Any]] = []
    path = f"/cats/{name}/history?limit={limit}"
    while path:
        page = client.get(path).json
        result += page["items"]
        path = page.get("next")
    return result


def create_history(cafe: TestApp) -> None:
    """Create Luna at noon, change it twice and delete it, with different users and times."""
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


def test_each_version_has_time_action_user_number_and_changed_fields(cafe: TestApp) -> None:
    create_history(cafe)
    assert [tuple(entry.values()) for entry in entries(cafe.staff)] == [
        ("2026-11-22T14:00:00Z", "deleted", "ann", 4, []),
        ("2026-11-22T13:20:00Z", "replaced", "cleo", 3, ["status"]),
        ("2026-11-22T13:00:00Z", "patched", "bea", 2, ["status", "location"]),
        ("2026-11-22T12:00:00Z", "created", "ann", 1, []),
    ]


@pytest.mark.parametrize(
    ("at", "expected"),
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
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
    ],
)
def test_at_returns_the_cat_at_that_time(cafe: TestApp, at: str, expected: tuple[str, int] | None) -> None:
    create_history(cafe)
    staff = cafe.staff
    for path in (f"/cats/luna/history?at={at}", f"/cats/luna/as-of/{at}"):
        response = staff.get(path)
        if expected is None:
            problem(response, 404)
        else:
            assert (response.json["status"], response.json["version"]) == expected


@pytest.mark.parametrize(("at", "status"), [("0500-01-01T00:00:00Z", 404), ("9999-12-31T23:59:59Z", 200)])
def test_at_is_compared_correctly_for_extreme_years(cafe: TestApp, at: str, status: int) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    assert staff.get(f"/cats/luna/history?at={at}").status_code == status


def test_at_derives_the_age_group_from_that_date(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"birthDate": "2025-11-23"})
    cafe.clock.advance(days=400)
    staff = cafe.staff
    earlier = staff.get("/cats/luna/history?at=2026-11-22T23:00:00Z").json
    assert (earlier["ageGroup"], staff.get("/cats/luna").json["ageGroup"]) == ("baby", "young")


@pytest.mark.parametrize(
    "at",
    ["", "now", "2026-11-22", "2026-11-22T12:00:00", "2026-11-22T25:00:00Z", "2026-11-22 12:00:00Z", "1", "T",
     "0001-01-01T00:00:00%2B14:00", "2026-11-22T12:00:00Zx"],
)  # fmt: skip
def test_at_that_is_not_an_rfc_3339_timestamp_is_400(cafe: TestApp, at: str) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    as_of = problem(staff.get(f"/cats/luna/as-of/{at}"), 404)["detail"]
    body = problem(staff.get(f"/cats/luna/history?at={at}"), 400)
    if at:
        assert as_of.partition(" must ")[2] == body["detail"].partition(" must ")[2].replace("be", "end with")
    assert [error["parameter"] for error in body["errors"]] == ["at"]
    assert "RFC 3339" in body["detail"]


def test_recreated_cat_continues_the_history(cafe: TestApp) -> None:
    create_history(cafe)
    cafe.clock.advance(minutes=1)
    cafe.staff.put("/cats/luna", {})
    history = entries(cafe.staff)
    assert [(entry["action"], entry["version"]) for entry in history][:2] == [("created", 1), ("deleted", 4)]
    assert len(history) == 5


def test_versions_of_the_same_time_are_in_order(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    for number in range(12):
        staff.patch("/cats/luna", {"description": str(number)}, if_match="*")
    staff.delete("/cats/luna")
    assert [entry["version"] for entry in entries(staff)] == list(range(14, 0, -1))


def test_versions_are_in_order_if_the_clock_goes_back(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {})
    cafe.clock.advance(seconds=-5)
    staff = cafe.staff
    staff.patch("/cats/luna", {"sex": "female"}, if_match="*")
    staff.delete("/cats/luna")
    assert [entry["action"] for entry in entries(staff)] == ["deleted", "patched", "created"]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_history_pages_of_any_size_are_complete(cafe: TestApp, limit: int) -> None:
    create_history(cafe)
    assert entries(cafe.staff, limit=limit) == entries(cafe.staff)


def test_rejected_write_adds_no_entry(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    with writes_nothing(cafe):
        staff.put("/cats/luna", {"wings": 2})
        staff.patch("/cats/luna", {}, if_match='"old"')
        staff.post("/cats", {"name": "luna"})
    assert len(entries(staff)) == 1


@pytest.mark.parametrize("name", ["nemo", "a%2Cb", "..", "%00"])
def test_history_of_an_unknown_name_is_404(cafe: TestApp, name: str) -> None:
    staff = cafe.staff
    problem(staff.get(f"/cats/{name}/history"), 404)
    for path in ("history?at=2026-11-22T12:00:00Z", "history/1", "as-of/2026-11-22T12:00:00Z"):
        problem(staff.get(f"/cats/{name}/{path}"), 404)


def test_history_has_an_etag_and_allows_only_get(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"staffNotes": "Luna bites."})
    response = staff.get("/cats/luna/history")
    assert staff.get("/cats/luna/history", {"If-None-Match": etag(response)}).status_code == 304
    assert "no-store" in response.headers["Cache-Control"]
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        not_allowed = staff.send(method, "/cats/luna/history", json={})
        assert (not_allowed.status_code, not_allowed.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_cursor_of_the_history_of_another_cat_is_400(cafe: TestApp) -> None:
    staff = cafe.staff
    for name in ("luna", "tom"):
        staff.put(f"/cats/{name}", {})
        staff.put(f"/cats/{name}", {"sex": "female"})
    next_url = staff.get("/cats/luna/history?limit=1").json["next"]
    assert staff.get(next_url).status_code == 200
    problem(staff.get(next_url.replace("luna", "tom")), 400)


def test_version_at_a_far_time_is_the_last_version_of_an_old_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"birthDate": "2024-02-29", "status": "available"})
    for at in ("2300-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T00:00:00-12:00"):
        assert staff.get(f"/cats/luna/history?at={at}").json["ageGroup"] == "senior", at
    for at in ("9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00%2B00:01", "10000-01-01T00:00:00Z"):
        problem(staff.get(f"/cats/luna/history?at={at}"), 400)
    assert staff.get("/cats/luna/history?at=0001-01-01T00:00:00Z").status_code == 404


@pytest.mark.parametrize("name", ["Мурка", "猫", "Mr Pickles", "O'Neil", "Zoë", "Ω. -"])
def test_next_page_of_any_name_has_a_url_in_ascii(cafe: TestApp, name: str) -> None:
    staff, path = cafe.staff, f"/cats/{quote(name)}"
    for grams in (4000, 4100):
        staff.put(path, {"description": f"{grams}"})
        staff.post(f"{path}/weights", {"grams": grams})
    for collection in ("history", "weights"):
        page = staff.get(f"{path}/{collection}?limit=1")
        url = page.json["next"]
        assert url.startswith(f"{path}/{collection}?limit=1&cursor=")
        assert page.headers["Link"].startswith(f'<{url}>; rel="next", ')
        assert not any(character in url for character in ' <>"')
        assert len(staff.get(url).json["items"]) == 1


def test_each_version_has_a_path_with_the_cat_at_that_time(cafe: TestApp) -> None:
    create_history(cafe)
    staff = cafe.staff
    for number, at in enumerate(("12:00", "13:00", "13:20"), start=1):
        version, as_of = (
            staff.get(f"/cats/luna/{path}") for path in (f"history/{number}", f"as-of/2026-11-22T{at}:00Z")
        )
        assert version.status_code == 200
        assert version.json["version"] == number
        assert (version.json, etag(version)) == (as_of.json, etag(as_of))
        assert staff.get(f"/cats/luna/history/{number}", {"If-None-Match": etag(version)}).status_code == 304
        assert version.headers["Cache-Control"] == "private, no-store"
    for segment in ("0", "4", "5", "-1", "01", "1.0", "x", "٣", "9" * 13, "9" * 400, "redactions/1"):
        problem(staff.get(f"/cats/luna/history/{segment}"), 404)


def test_version_is_that_of_the_newest_cat_of_the_name(cafe: TestApp) -> None:
    create_history(cafe)
    cafe.clock.advance(minutes=1)
    staff = cafe.staff
    staff.put("/cats/luna", {"sex": "male"})
    assert staff.get("/cats/luna/history/1").json == staff.get("/cats/luna").json
    problem(staff.get("/cats/luna/history/2"), 404)
    assert staff.get("/cats/luna/as-of/2026-11-22T13:00:00Z").json["version"] == 2


def test_version_has_the_age_group_of_its_time(cafe: TestApp) -> None:
    cafe.staff.put("/cats/luna", {"birthDate": "2025-11-23"})
    cafe.clock.advance(days=400)
    assert cafe.staff.get("/cats/luna/history/1").json["ageGroup"] == "baby"


def test_redaction_is_no_version_and_changes_the_redacted_ones(cafe: TestApp) -> None:
    staff = cafe.staff
    for notes in ("A secret.", "A secret.", None):
        staff.put("/cats/luna", {"staffNotes": notes, "sex": "female" if notes else "male"})
    assert staff.get("/cats/luna/history/1").json["staffNotes"] == "A secret."
    tag = etag(staff.get("/cats/luna/history/1"))
    cafe.clock.advance(minutes=1)
    staff = cafe.staff
    staff.post("/cats/luna/history/redactions", {"member": "staffNotes", "reason": "A name."})
    staff.put("/cats/luna", {"sex": "unknown"})
    assert [staff.get(f"/cats/luna/history/{number}").json["version"] for number in (1, 2, 3)] == [1, 2, 3]
    redacted = staff.get("/cats/luna/history/1")
    assert (redacted.json["staffNotes"], etag(redacted) == tag) == (None, False)


def test_methods_of_a_version_and_of_the_redactions_are_their_own(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("history/1", "as-of/2026-11-22T12:00:00Z"):
            response = staff.send(method, f"/cats/luna/{path}", json={})
            assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        response = staff.send(method, "/cats/luna/history/redactions", json={})
        assert (response.status_code, response.headers["Allow"]) == (405, "OPTIONS, POST")


def test_version_is_found_with_few_queries_of_few_items(cafe: TestApp) -> None:
    """Most of the 120 versions were written within a second, 30 redactions follow each other, and one is missing."""
    cafe.staff.put("/cats/luna", {})
    first = CAT.get(cafe.table, "luna", consistent=True)
    assert first
    for number in range(2, 121):
        age = timedelta(days=number) if number < 40 else timedelta(days=40, milliseconds=number)
        cat = replace(first.value, version=number, updated=first.value.created + age)
        _, write, *_ = CAT.writes(Change(first, cat, "patched", "ann", cat.updated), f"rev{number}")
        writes = [write]
        for place in range(30 if number == 60 else 0):
            entry = HistoryEntry(cat.updated + (place + 1) * TICK, "redacted", "ann", number, ())
            writes += CAT.redaction("luna", entry, (), "sex", f"redaction{place}")
        for write in writes if number != 110 else ():
            cafe.table.client.put_item(TableName=cafe.table.name, Item=marshal(write.item))
    cafe.clock.advance(days=100)
    staff = cafe.staff
    for number, most in ((1, 6), (39, 10), (60, 40), (61, 40), (100, 3), (119, 3), (120, 2)):
        response, budget = cafe.measure(lambda number=number: staff.get(f"/cats/luna/history/{number}"))
        assert (response.status_code, response.json["version"]) == (200, number)
        assert len(budget.calls) <= most, number
        assert budget.units <= most + 1, number
    for number, most in ((110, 3), (121, 2)):
        response, budget = cafe.measure(lambda number=number: staff.get(f"/cats/luna/history/{number}"))
        assert (response.status_code, len(budget.calls)) == (404, most)
