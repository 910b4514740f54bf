"""A care card says what the cat and her weights say, whoever writes at once: no chore is missed, and none stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from werkzeug.test import TestResponse

from api.domain import care_cards, weights
from api.domain.care_cards import CareCard
from api.domain.weights import Weighing
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
SCALES = 6


def _weigh(cafe: EngineApp, caller: Client, grams: int, days: float = 0) -> TestResponse:
    at = cafe.clock.now - timedelta(days=days)
    return caller.post("/cats/luna/weights", {"grams": grams, "weighedAt": at.isoformat()})


def _change(caller: Client, change: dict[str, Any]) -> TestResponse:
    return caller.put("/cats/luna", LUNA | change)


def card(cafe: EngineApp) -> CareCard | None:
    """Return her card as it is kept."""
    found = CARE_CARD.get(cafe.table, "luna", consistent=True)
    return found.value if found else None


def is_right(cafe: EngineApp) -> None:
    """Make her card anew of the cat and of all her weights, and compare it with the one that is kept."""
    found = CAT.get(cafe.table, "luna", consistent=True)
    if found is None:
        assert card(cafe) is None, "nobody has a card"
        return
    cat, anew = found.value, care_cards.card_from_cat(found.value)
    own = [item["doc"]["S"] for item in cafe.items("luna") if item["sk"]["S"].startswith(f"weights#{cat.uid}#")]
    course = sorted((msgspec.json.decode(doc, type=Weighing) for doc in own), key=lambda one: one.weighed_at)
    if course:
        alarm = weights.assess(course, cat.birth_date, cafe.settings.weight_limits).alarm
        anew = care_cards.with_latest_weighing(anew, course[-1].weighed_at, alarm)
    assert card(cafe) == anew, "her card is as she is"


def weighed_by_many(cafe: EngineApp) -> None:
    """Let some weigh her at once, at instants in any order, so that all together say that she has lost too much."""
    _change(cafe.staff, {})
    days = [20, 0, 10, 3, 15, 7]
    acts = [partial(_weigh, cafe, cafe.staff, 4000 + 50 * day, day) for day in days]
    assert statuses(cafe.race(*acts)) == {201: SCALES}
    is_right(cafe)
    assert _alarm(cafe), "what the weights say together is heard"


def weighed_and_changed(cafe: EngineApp) -> None:
    """Let some weigh her while others change all that is on her card."""
    _change(cafe.staff, {})
    for _ in range(2):
        scales = [partial(_weigh, cafe, cafe.staff, 4000 + place, place) for place in range(4)]
        answers = cafe.race(*scales, *(partial(_change, cafe.staff, change) for change in CHANGES))
        assert statuses(answers) == {201: 4, 200: len(CHANGES)}
        is_right(cafe)


def weighed_in_between(cafe: EngineApp, change: dict[str, Any]) -> None:
    """Weigh her after a change has read her card, and before it is written."""
    caller, other = cafe.staff, cafe.staff
    _change(caller, {})
    _weigh(cafe, caller, 5000, 9)
    cafe.table.before_write = partial(_weigh, cafe, other, 4000)
    assert _change(caller, change).status_code == 200
    is_right(cafe)


def changed_in_between(cafe: EngineApp, change: dict[str, Any]) -> None:
    """Change her after the scales have read her card, and before that is written."""
    caller, other = cafe.staff, cafe.staff
    _change(caller, {})
    cafe.table.before_write = partial(_change, other, change)
    assert _weigh(cafe, caller, 4000).status_code == 201
    is_right(cafe)


def one_after_the_other(cafe: EngineApp) -> None:
    """Weigh her twice: the second time says that she has lost too much."""
    caller = cafe.staff
    _change(caller, {})
    _weigh(cafe, caller, 5000, 9)
    _weigh(cafe, caller, 4000)
    is_right(cafe)


def _alarm(cafe: EngineApp) -> list[str]:
    items = cafe.staff.get("/todos/next").get_json()["items"]
    return [todo["id"] for todo in items if todo["id"].startswith("derived-weight-alarm")]


PROOFS: list[Callable[[EngineApp], None]] = [
    weighed_by_many,
    weighed_and_changed,
    *(partial(weighed_in_between, change=change) for change in CHANGES),
    *(partial(changed_in_between, change=change) for change in CHANGES),
    one_after_the_other,
]


@pytest.mark.parametrize("proof", PROOFS)
def test_her_card_is_as_she_is_whoever_writes_at_once(cafe: EngineApp, proof: Callable[[EngineApp], None]) -> None:
    proof(cafe)


class LagsBehind(InstrumentedTable):
    """As slow as DynamoDB may be: a query that does not ask for consistency does not see the last write."""

    last = ""

    def write(self, writes: Any, token: str) -> None:
        super().write(writes, token)
        self.last = token

    def query(self, span: KeyRange, limit: int, *, consistent: bool = False) -> tuple[list[Item], bool]:
        found, more = super().query(span, limit, consistent=consistent)
        return [item for item in found if consistent or item["rev"] != self.last], more


def test_her_card_is_as_she_is_even_where_a_query_does_not_see_the_last_write(make_broken_app: MakeEngineApp) -> None:
    one_after_the_other(make_broken_app(LagsBehind))


def test_scales_that_look_at_an_old_copy_of_her_weights_are_caught(
    make_broken_app: MakeEngineApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AppendLog, "newest", lambda entries, number: entries.page(None, number).items)
    with pytest.raises(AssertionError, match="her card is as she is"):
        one_after_the_other(make_broken_app(LagsBehind))


@pytest.mark.parametrize(
    ("proof", "table"),
    [(weighed_by_many, ChecksOnlyTheFirst), (weighed_by_many, ChecksOnlyBefore)]
    + [(partial(weighed_in_between, change=change), ChecksOnlyTheFirst) for change in CHANGES]
    + [(partial(changed_in_between, change=change), ChecksOnlyBefore) for change in CHANGES],
)
def test_a_card_that_is_not_guarded_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None], table: type[InstrumentedTable]
) -> None:
    with pytest.raises(AssertionError, match="her card is as she is"):
        proof(make_broken_app(table))
