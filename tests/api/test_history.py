"""The history of a cat: who changed which fields and when, and the cat at an earlier time."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

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
    response = cafe.staff.get(f"/cats/luna/history?at={at}")
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
    body = problem(staff.get(f"/cats/luna/history?at={at}"), 400)
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
    problem(staff.get(f"/cats/{name}/history?at=2026-11-22T12:00:00Z"), 404)


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
