"""A page cursor of an age group is still valid after midnight, when the range of birth dates has moved."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.support.engine_app import MakeEngineApp
from tools.local.dynamodb import DynamoDBEmulator


def test_cursor_of_an_age_group_is_valid_on_the_next_day(engine: DynamoDBEmulator, make_app: MakeEngineApp) -> None:
    cafe = make_app(engine)
    cafe.clock.now = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
    staff = cafe.staff
    for name, born in (("a", "2026-01-01"), ("b", "2025-11-23"), ("c", "2025-11-23")):
        assert staff.put(f"/cats/{name}", {"status": "available", "birthDate": born}).status_code == 201
    next_path = cafe.public.get("/cats?ageGroup=baby&limit=2").get_json()["next"]
    cafe.clock.now = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    last = cafe.public.get(next_path).get_json()
    assert (last["items"], "next" in last) == ([], False)
