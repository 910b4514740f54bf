"""Times and dates are read in the same way in bodies and in the query: RFC 3339, section 5.6, with a T."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from werkzeug.test import TestResponse

from tests.support.app import Client, TestApp, pointers, problem

VALID = (
    "2026-05-01T12:00:00Z", "2026-05-01t12:00:00z", "2026-05-01T12:00:00.5Z", "2026-05-01T12:00:00.1234567Z",
    "2026-05-01T14:00:00+02:00", "2026-05-01T14:00:00+0200", "2026-05-01T12:00:00-00:00", "2026-05-02T11:59:00+23:59",
)  # fmt: skip
INVALID = (
    "2026-05-01 12:00:00Z", "2026-05-01 12:00:00+02:00", "2026-05-01_12:00:00Z", "2026-05-01T12:00:00", "12:00:00Z",
    "2026-05-01T12:00:00,5Z", "2026-05-01T12:00:00.Z", "2026-05-01T12:00:00 Z", "2026-05-01T12:00:00+02",
    "2026-05-01T12:00:00+24:00", "2026-05-01T12:00Z", "2026-05-01T12Z", "2026-05-01T24:00:00Z", "2026-05-01T23:59:60Z",
    "26-05-01T12:00:00Z", "02026-05-01T12:00:00Z", "2026-5-1T12:00:00Z", "2026-02-29T12:00:00Z", "20260501T120000Z",
    "2026-W18-5T12:00:00Z", "2026-121T12:00:00Z", " 2026-05-01T12:00:00Z", "2026-05-01T12:00:00Z\n", "1777636800",
)  # fmt: skip
INVALID_DATES = (
    "2025-05-01T00:00:00Z", "2025-05-01 00:00:00Z", "2025-05-01T00:00:00", "20250501", "2025-W18-4", "2025-121",
    "25-05-01", "2025-5-1", "2025-02-29", "2025-05", "01.05.2025", "2025-05-01 ", "2025-05-01Z",
)  # fmt: skip

Use = Callable[[Client, str], TestResponse]
FIELDS: dict[str, Use] = {
    "/publishedAt": lambda staff, time: staff.post("/posts", {"title": "x", "body": "y", "publishedAt": time}),
    "/soldOutUntil": lambda staff, time: staff.put("/pies/apple", {"soldOutUntil": time}),
    "/weighedAt": lambda staff, time: staff.post("/cats/luna/weights", {"grams": 4100, "weighedAt": time}),
    "/due": lambda staff, time: staff.post("/todos", {"title": "x", "due": time}),
}


def test_times_of_all_fields_and_of_the_query_have_the_same_form(cafe: TestApp) -> None:
    staff = cafe.staff
    staff.put("/cats/luna", {})
    for pointer, use in FIELDS.items():
        for time in VALID:
            assert use(staff, time).status_code in (200, 201), (pointer, time)
        for time in INVALID:
            assert pointers(use(staff, time)) == [pointer], time
    for time in VALID:
        problem(staff.get(f"/cats/luna/history?at={quote(time)}"), 404)
    for time in INVALID:
        (error,) = problem(staff.get(f"/cats/luna/history?at={quote(time)}"), 400)["errors"]
        assert error["parameter"] == "at", time


def test_dates_have_no_time(cafe: TestApp) -> None:
    assert cafe.staff.put("/cats/luna", {"birthDate": "2025-05-01"}).status_code == 201
    for date in INVALID_DATES:
        assert pointers(cafe.staff.put("/cats/luna", {"birthDate": date})) == ["/birthDate"], date
