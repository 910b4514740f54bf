"""Weights: an append-only log with trend and alarm. tests/domain has the rules of the alarm."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from api.context import Dependencies
from api.domain.weights import Weight
from api.services.care_cards import weight_log
from api.services.mappings import CAT
from tests.support.app import Client, TestApp, pointers, problem
from tests.support.inspection import writes_nothing

WEIGHTS = "/cats/luna/weights"


def weigh(staff: Client, *weighings: tuple[str, int]) -> None:
    """Record weights at noon of the given days of 2026."""
    for day, grams in weighings:
        response = staff.post(WEIGHTS, {"grams": grams, "weighedAt": f"2026-{day}T12:00:00Z"})
        assert response.status_code == 201


def test_weight_has_author_and_time_and_its_location_resolves(cafe: TestApp) -> None:
    staff = cafe.client("staff", "ann")
    staff.put("/cats/Zoë", {})
    created = staff.post(
        "/cats/Zoë/weights", {"grams": 3210, "weighedAt": "2026-11-22T10:30:00+01:00", "note": "before food"}
    )
    assert created.status_code == 201
    assert created.headers["Location"].startswith("/cats/Zo%C3%AB/weights/20261122T093000000000Z-")
    assert staff.get(created.headers["Location"]).json == created.json
    assert {name: value for name, value in created.json.items() if name != "id"} == {
        "grams": 3210, "weighedAt": "2026-11-22T09:30:00Z", "note": "before food", "by": "ann",
        "recorded": "2026-11-22T12:00:00Z",
    }  # fmt: skip


def test_weighed_at_defaults_to_now(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for response in (staff.post(WEIGHTS, {"grams": 1}), staff.send("POST", WEIGHTS, form, data="grams=30000&note=a+b")):
        assert (response.status_code, response.json["weighedAt"]) == (201, "2026-11-22T12:00:00Z")


def test_list_is_newest_first_in_pages_of_any_size(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    weigh(staff, ("11-20", 4000), ("11-01", 4100), ("11-22", 3990), ("11-10", 4050))
    for limit in (1, 2, 3, 4, 5):
        grams, path = [], f"{WEIGHTS}?limit={limit}"
        while path:
            page = staff.get(path).json
            grams += [weighing["grams"] for weighing in page["items"]]
            assert page["trend"] == {"gramsPerDay": -5.24, "percent": -2.68, "days": 21.0}
            path = page.get("next")
        assert grams == [3990, 4000, 4050, 4100]


@pytest.mark.parametrize(
    ("birth_date", "weighings", "code"),
    [
        (None, [("11-01", 4000), ("11-22", 3601)], None),
        (None, [("11-01", 4000), ("11-22", 3600)], "adult-loses-too-much"),
        ("2026-10-01", [("11-15", 600), ("11-22", 670)], None),
        ("2026-10-01", [("11-15", 600), ("11-22", 669)], "kitten-gains-too-little"),
        ("2026-10-01", [("11-22", 600)], None),
        (None, [], None),
    ],
)
def test_alarm_depends_on_the_age(
    cafe: TestApp, birth_date: str | None, weighings: list[tuple[str, int]], code: str | None
) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"birthDate": birth_date})
    weigh(staff, *weighings)
    body = staff.get(WEIGHTS).json
    assert (body["alarm"] and body["alarm"]["code"]) == code
    assert (body["trend"] is None) == (len(weighings) < 2)


def test_alarm_thresholds_are_settings(cafe: TestApp) -> None:
    strict = TestApp(cafe.table, adult_loss_percent=1.0, adult_span_days=10)
    strict.staff.put("/cats/luna", {})
    weigh(strict.staff, ("11-01", 9000), ("11-12", 4000), ("11-22", 3960))
    assert strict.staff.get(WEIGHTS).json["alarm"]["detail"] == (
        "The cat has lost 1.0 % since 2026-11-12; the limit is 1 % in 10 days."
    )
    assert cafe.staff.get(WEIGHTS).json["alarm"]["code"] == "adult-loses-too-much"


@pytest.mark.parametrize(
    ("body", "expected"),
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
def test_invalid_weight_is_422(cafe: TestApp, body: dict[str, Any], expected: list[str]) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"birthDate": "2026-11-01"})
    with writes_nothing(cafe):
        assert pointers(staff.post(WEIGHTS, body)) == expected


def test_weight_with_an_idempotency_key_is_recorded_once(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    responses = [staff.post(WEIGHTS, {"grams": 4000}, idempotency_key="k") for _ in range(2)]
    assert [response.status_code for response in responses] == [201, 201]
    assert responses[0].headers["Location"] == responses[1].headers["Location"]
    assert len(staff.get(WEIGHTS).json["items"]) == 1
    problem(staff.post(WEIGHTS, {"grams": 4001}, idempotency_key="k"), 422)
    assert len({staff.post(WEIGHTS, {"grams": 4000}).headers["Location"] for _ in range(2)}) == 2


def test_new_cat_with_the_same_name_has_no_weights(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    old = staff.post(WEIGHTS, {"grams": 4000}).headers["Location"]
    staff.delete("/cats/luna")
    staff.put("/cats/luna", {})
    assert staff.get(WEIGHTS).json == {"items": [], "trend": None, "alarm": None}
    problem(staff.get(old), 404)


def test_weights_of_a_deleted_cat_can_be_read_like_its_history(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    weight = staff.post(WEIGHTS, {"grams": 4000}).headers["Location"]
    paths = WEIGHTS, weight, "/cats/luna/history/1"
    before = [staff.get(path).json for path in paths]
    staff.delete("/cats/luna")
    staff.post("/cats/luna/history/redactions", {"member": "description", "reason": "A name."})
    assert [staff.get(path).json for path in paths] == before
    for path in (*paths, "/cats/luna/history"):
        assert staff.get(path).status_code == 200, path
        assert (cafe.public.get(path).status_code, cafe.client("member").get(path).status_code) == (401, 403), path
    with writes_nothing(cafe):
        problem(staff.post(WEIGHTS, {"grams": 4000}), 404)
    problem(staff.get(f"{WEIGHTS}/missing"), 404)


def test_weight_can_be_read_but_not_changed(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    path = staff.post(WEIGHTS, {"grams": 4000}).headers["Location"]
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        response = staff.send(method, path, json={"grams": 1})
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    weight = staff.get(path)
    assert staff.get(path, {"If-None-Match": weight.headers["ETag"]}).status_code == 304
    for other in ("x", "..", "%20", "a%23b", path.rpartition("/")[2] + "x"):
        problem(staff.get(f"{WEIGHTS}/{other}"), 404)


def test_weight_does_not_change_the_version_of_the_cat(cafe: TestApp) -> None:
    staff = cafe.staff
    cat = staff.put("/cats/luna", {}).json
    staff.post(WEIGHTS, {"grams": 4000})
    assert staff.get("/cats/luna").json == cat
    assert len(staff.get("/cats/luna/history").json["items"]) == 1


@pytest.mark.parametrize("name", ["nemo", "..", "a%2Cb"])
def test_weights_of_a_missing_cat_are_404(cafe: TestApp, name: str) -> None:
    staff = cafe.staff
    with writes_nothing(cafe):
        problem(staff.get(f"/cats/{name}/weights"), 404)
        problem(staff.post(f"/cats/{name}/weights", {"grams": 1}), 404)
        problem(staff.send("POST", f"/cats/{name}/weights", data="{}", content_type="text/csv"), 415)


def test_trend_has_a_hundred_weighings_of_any_size(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {"birthDate": "2020-01-01"})
    cat = CAT.get(cafe.table, "luna", consistent=True)
    assert cat
    log = weight_log(Dependencies(cafe.settings, cafe.table), cat.value)
    for number in range(60):  # 24 KB each, and DynamoDB reads at most 1 MB at once
        at, id_ = cafe.clock.now + timedelta(seconds=30 * number), f"w{number:02}"
        weighing = Weight(id_, 4000 + number, at, "\x01" * 4000, "", at)
        cafe.table.transact([log.write(id_, weighing, id_, {})], id_)
    for consistent in (True, False):
        grams = [weighing.grams for weighing in log.newest(100, consistent=consistent)]
        assert grams == list(range(4059, 3999, -1))
    assert len(log.newest(50, consistent=True)) == 50
