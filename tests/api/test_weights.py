"""The scales: weights that are only ever added, with their trend and its alarm. The rule itself is in tests/unit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import writes_nothing

SCALES = "/cats/luna/weights"


def weigh(staff: Client, *weighings: tuple[str, int]) -> None:
    """Enter some weighings: days of November 2026, at noon, and grams."""
    for day, grams in weighings:
        answer = staff.post(SCALES, {"grams": grams, "weighedAt": f"2026-{day}T12:00:00Z"})
        assert answer.status_code == 201


def test_a_weighing_is_kept_with_who_and_when_and_its_location_resolves(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    staff.put("/cats/Zoë", {})
    new = staff.post(
        "/cats/Zoë/weights", {"grams": 3210, "weighedAt": "2026-11-22T10:30:00+01:00", "note": "before food"}
    )
    assert new.status_code == 201
    assert new.headers["Location"].startswith("/cats/Zo%C3%AB/weights/20261122T093000000000Z-")
    assert staff.get(new.headers["Location"]).json == new.json
    assert {name: value for name, value in new.json.items() if name != "id"} == {
        "grams": 3210, "weighedAt": "2026-11-22T09:30:00Z", "note": "before food", "by": "ann",
        "recorded": "2026-11-22T12:00:00Z",
    }  # fmt: skip


def test_a_weighing_without_an_instant_is_of_now(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for answer in (staff.post(SCALES, {"grams": 1}), staff.send("POST", SCALES, form, data="grams=30000&note=a+b")):
        assert (answer.status_code, answer.json["weighedAt"]) == (201, "2026-11-22T12:00:00Z")


def test_the_list_is_newest_first_whatever_the_order_of_entry_and_whatever_its_pages(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    weigh(staff, ("11-20", 4000), ("11-01", 4100), ("11-22", 3990), ("11-10", 4050))
    for limit in (1, 2, 3, 4, 5):
        found, path = [], f"{SCALES}?limit={limit}"
        while path:
            page = staff.get(path).json
            found += [weighing["grams"] for weighing in page["items"]]
            assert page["trend"] == {"gramsPerDay": -5.24, "percent": -2.68, "days": 21.0}
            path = page.get("next")
        assert found == [3990, 4000, 4050, 4100]


@pytest.mark.parametrize(
    ("born", "weighings", "code"),
    [
        (None, [("11-01", 4000), ("11-22", 3601)], None),
        (None, [("11-01", 4000), ("11-22", 3600)], "adult-loses-too-much"),
        ("2026-10-01", [("11-15", 600), ("11-22", 670)], None),
        ("2026-10-01", [("11-15", 600), ("11-22", 669)], "kitten-gains-too-little"),
        ("2026-10-01", [("11-22", 600)], None),
        (None, [], None),
    ],
)
def test_the_alarm_is_that_of_her_age(
    cafe: TestApp, born: str | None, weighings: list[tuple[str, int]], code: str | None
) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"birthDate": born})
    weigh(staff, *weighings)
    told = staff.get(SCALES).json
    assert (told["alarm"] and told["alarm"]["code"]) == code
    assert (told["trend"] is None) == (len(weighings) < 2)


def test_where_an_alarm_begins_is_a_setting(cafe: TestApp) -> None:
    strict = TestApp(cafe.table, adult_loss_percent=1.0, adult_span_days=10)
    strict.staff.put("/cats/luna", {})
    weigh(strict.staff, ("11-01", 9000), ("11-12", 4000), ("11-22", 3960))
    assert strict.staff.get(SCALES).json["alarm"]["detail"] == (
        "She has lost 1.0 % since 2026-11-12; the limit is 1 % in 10 days."
    )
    assert cafe.staff.get(SCALES).json["alarm"]["code"] == "adult-loses-too-much"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, ["/grams"]),
        ({"grams": 0}, ["/grams"]),
        ({"grams": 30_001}, ["/grams"]),
        ({"grams": "4000"}, ["/grams"]),
        ({"grams": True, "weighedAt": "2026-11-22T12:00:01Z", "x": 1}, ["/grams", "/weighedAt", "/x"]),
        ({"grams": 1, "weighedAt": "2026-11-22T12:00:00"}, ["/weighedAt"]),
        ({"grams": 1, "weighedAt": "2026-11-22"}, ["/weighedAt"]),
        ({"grams": 1, "weighedAt": "2026-10-31T23:59:59Z"}, ["/weighedAt"]),
        ({"grams": 1, "weighedAt": "1960-01-01T00:00:00Z"}, ["/weighedAt"]),
        ({"grams": 1, "weighedAt": "0001-01-01T00:00:00+14:00"}, ["/weighedAt"]),
        ({"grams": 1, "weighedAt": "9999-12-31T23:59:59-14:00"}, ["/weighedAt"]),
        ({"grams": 1, "note": "x" * 4001, "by": "me"}, ["/by", "/note"]),
    ],
)
def test_what_no_scales_show_is_422(cafe: TestApp, body: dict[str, Any], where: list[str]) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"birthDate": "2026-11-01"})
    with writes_nothing(cafe):
        assert pointers(staff.post(SCALES, body)) == where


def test_a_weighing_that_is_sent_twice_with_a_key_is_one(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    answers = [staff.post(SCALES, {"grams": 4000}, idempotency_key="k") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert len(staff.get(SCALES).json["items"]) == 1
    problem(staff.post(SCALES, {"grams": 4001}, idempotency_key="k"), 422)
    assert len({staff.post(SCALES, {"grams": 4000}).headers["Location"] for _ in range(2)}) == 2


def test_another_cat_of_the_name_has_weights_of_her_own(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    old = staff.post(SCALES, {"grams": 4000}).headers["Location"]
    staff.delete("/cats/luna")
    for path in (SCALES, old):
        problem(staff.get(path), 404)
    problem(staff.post(SCALES, {"grams": 4000}), 404)
    staff.put("/cats/luna", {})
    assert staff.get(SCALES).json == {"items": [], "trend": None, "alarm": None}
    problem(staff.get(old), 404)


def test_a_weighing_can_be_read_and_never_changed(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    path = staff.post(SCALES, {"grams": 4000}).headers["Location"]
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        refused = staff.send(method, path, json={"grams": 1})
        assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    there = staff.get(path)
    assert staff.get(path, {"If-None-Match": there.headers["ETag"]}).status_code == 304
    for other in ("x", "..", "%20", "a%23b", path.rpartition("/")[2] + "x"):
        problem(staff.get(f"{SCALES}/{other}"), 404)


def test_weighing_makes_no_new_version_of_the_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    there = staff.put("/cats/luna", {}).json
    staff.post(SCALES, {"grams": 4000})
    assert staff.get("/cats/luna").json == there
    assert len(staff.get("/cats/luna/history").json["items"]) == 1


@pytest.mark.parametrize("name", ["nemo", "..", "a%2Cb"])
def test_nobody_has_no_weights(cafe: TestApp, name: str) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        problem(staff.get(f"/cats/{name}/weights"), 404)
        problem(staff.post(f"/cats/{name}/weights", {"grams": 1}), 404)
        problem(staff.send("POST", f"/cats/{name}/weights", data="{}", content_type="text/csv"), 415)
