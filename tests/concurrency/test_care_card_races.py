"""The care card agrees with the cat and its weights after any concurrent writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from werkzeug.test import TestResponse

from api.domain import care_cards, weights
from api.domain.care_cards import CareCard
from api.domain.weights import Weight
from api.services.mappings import CARE_CARD, CAT
from api.store.append_log import AppendLog
from api.store.keys import KeyRange
from api.store.transaction import Item
from tests.support.app import Client
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore, ChecksOnlyTheFirst

LUNA = {"status": "available", "sex": "female", "birthDate": "2020-02-02"}
SHOT = {"type": "rabies", "givenOn": "2026-01-01", "expiresOn": "2027-01-01"}
YOUNG = (datetime.now(UTC).date() - timedelta(days=60)).isoformat()
CHANGES: list[dict[str, Any]] = [
    {"birthDate": YOUNG},
    {"status": "quarantine", "holdUntil": "2026-12-24"},
    {"status": "adopted"},
    {"vaccinations": [SHOT]},
    {"vaccinations": [SHOT | {"type": "tricat"}], "status": "hold"},
]


def _weigh(cafe: EngineApp, client: Client, grams: int, days_ago: float = 0) -> TestResponse:
    at = cafe.clock.now - timedelta(days=days_ago)
    return client.post("/cats/luna/weights", {"grams": grams, "weighedAt": at.isoformat()})


def _change(client: Client, change: dict[str, Any]) -> TestResponse:
    return client.put("/cats/luna", LUNA | change)


def stored_card(cafe: EngineApp) -> CareCard | None:
    """Return the stored care card of Luna."""
    record = CARE_CARD.get(cafe.table, "luna", consistent=True)
    return record.value if record else None


def check_card(cafe: EngineApp) -> None:
    """Compare the stored care card with one that is made of the cat and all its weights."""
    record = CAT.get(cafe.table, "luna", consistent=True)
    if record is None:
        assert stored_card(cafe) is None, "a deleted cat has no care card"
        return
    cat, expected = record.value, care_cards.card_from_cat(record.value)
    docs = [item["doc"]["S"] for item in cafe.items("luna") if item["sk"]["S"].startswith(f"weights#{cat.uid}#")]
    course = sorted((msgspec.json.decode(doc, type=Weight) for doc in docs), key=lambda weighing: weighing.weighed_at)
    if course:
        alarm = weights.assess(course, cat.birth_date, cafe.settings.weight_limits, UTC).alarm
        expected = replace(expected, weighed=course[-1].weighed_at, alarm=alarm)
    assert stored_card(cafe) == expected, "the care card agrees with the cat"


def weigh_concurrently(cafe: EngineApp) -> None:
    """Add weights of different days at once; only together they show a loss of weight."""
    _change(cafe.staff, {})
    days = [20, 0, 10, 3, 15, 7]
    calls = [partial(_weigh, cafe, cafe.staff, 4000 + 50 * day, day) for day in days]
    assert statuses(cafe.race(*calls)) == {201: len(days)}
    check_card(cafe)
    assert _alarms(cafe), "the weights together raise an alarm"


def weigh_and_change_concurrently(cafe: EngineApp) -> None:
    """Add weights while other requests change all fields of the care card."""
    _change(cafe.staff, {})
    for _ in range(2):
        weighings = [partial(_weigh, cafe, cafe.staff, 4000 + day, day) for day in range(4)]
        responses = cafe.race(*weighings, *(partial(_change, cafe.staff, change) for change in CHANGES))
        assert statuses(responses) == {201: 4, 200: len(CHANGES)}
        check_card(cafe)


def weigh_during_a_change(cafe: EngineApp, change: dict[str, Any]) -> None:
    """Add a weight between the reads and the write of a change."""
    client, other = cafe.staff, cafe.staff
    _change(client, {})
    _weigh(cafe, client, 5000, 9)
    cafe.table.before_write = partial(_weigh, cafe, other, 4000)
    assert _change(client, change).status_code == 200
    check_card(cafe)


def change_during_a_weighing(cafe: EngineApp, change: dict[str, Any]) -> None:
    """Change the cat between the reads and the write of a weighing."""
    client, other = cafe.staff, cafe.staff
    _change(client, {})
    cafe.table.before_write = partial(_change, other, change)
    assert _weigh(cafe, client, 4000).status_code == 201
    check_card(cafe)


def weigh_twice(cafe: EngineApp) -> None:
    """Add two weights, one after the other; the second one shows a loss of weight."""
    client = cafe.staff
    _change(client, {})
    _weigh(cafe, client, 5000, 9)
    _weigh(cafe, client, 4000)
    check_card(cafe)


def _alarms(cafe: EngineApp) -> list[str]:
    items = cafe.staff.get("/todos/next").get_json()["items"]
    return [todo["id"] for todo in items if todo["id"].startswith("derived-weight-alarm")]


SCENARIOS: list[Callable[[EngineApp], None]] = [
    weigh_concurrently,
    weigh_and_change_concurrently,
    *(partial(weigh_during_a_change, change=change) for change in CHANGES),
    *(partial(change_during_a_weighing, change=change) for change in CHANGES),
    weigh_twice,
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_care_card_agrees_with_the_cat_after_concurrent_writes(
    cafe: EngineApp, scenario: Callable[[EngineApp], None]
) -> None:
    scenario(cafe)


class EventuallyConsistentTable(InstrumentedTable):
    """A table whose eventually consistent queries do not return the last write, as DynamoDB may do."""

    last_token = ""

    def write(self, writes: Any, token: str) -> None:
        super().write(writes, token)
        self.last_token = token

    def query(self, span: KeyRange, limit: int, *, consistent: bool = False) -> tuple[list[Item], bool]:
        items, more = super().query(span, limit, consistent=consistent)
        return [item for item in items if consistent or item["rev"] != self.last_token], more


def test_care_card_is_right_when_queries_lag_behind(make_broken_app: MakeEngineApp) -> None:
    weigh_twice(make_broken_app(EventuallyConsistentTable))


def test_eventually_consistent_read_of_weights_is_detected(
    make_broken_app: MakeEngineApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AppendLog, "newest", lambda entries, number, consistent: entries.page(None, number).items)
    with pytest.raises(AssertionError, match="the care card agrees"):
        weigh_twice(make_broken_app(EventuallyConsistentTable))


@pytest.mark.parametrize(
    ("scenario", "table"),
    [(weigh_concurrently, ChecksOnlyTheFirst), (weigh_concurrently, ChecksOnlyBefore)]
    + [(partial(weigh_during_a_change, change=change), ChecksOnlyTheFirst) for change in CHANGES]
    + [(partial(change_during_a_weighing, change=change), ChecksOnlyBefore) for change in CHANGES],
)
def test_missing_condition_on_the_care_card_is_detected(
    make_broken_app: MakeEngineApp, scenario: Callable[[EngineApp], None], table: type[InstrumentedTable]
) -> None:
    with pytest.raises(AssertionError, match="the care card agrees"):
        scenario(make_broken_app(table))
