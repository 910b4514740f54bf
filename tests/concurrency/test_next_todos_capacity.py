"""What is done costs nothing, and neither does what is far away: ``/todos/next`` reads what it may have to return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import pytest
from msgspec.structs import replace

from api.domain.care_cards import WEIGH_EVERY, CareCard
from api.domain.todos import Todo
from api.services.mappings import CARE_CARD, RELEVANT_TODOS, TODO
from api.store import keys
from api.store.repository import Repository
from tests.support.bulk_load import distant_todos, done_todos, future_cards, load_items
from tests.support.capacity import measure_capacity
from tests.support.engine_app import EngineApp, MakeEngineApp
from tests.support.mutants import ScansTheTable

FEW, MANY = 100, 20_000
"""How many are done, and how many are far away. A hundred thousand cost the same, but take a minute to write."""
SOME = 300
CARDS = 5_000
"""How many cats need nothing yet."""
DUE = 5
PATHS = ("/todos/next", "/todos/next?limit=2&explain=true", "/todos?limit=5", "/todos?done=true&limit=5")


@dataclass(frozen=True)
class Cost:
    """What reading cost, and what came."""

    calls: list[str]
    read: float
    items: int
    told: str


def costs(cafe: EngineApp) -> dict[str, Cost]:
    """Return what reading costs."""
    found = {}
    for path in PATHS:
        answer, cost = measure_capacity(cafe, partial(cafe.staff.get, path))
        assert answer.status_code == 200
        # On the list of what is done the newest stand first: the same few, however many are behind them.
        told = answer.get_data(as_text=True) if "next" in path else ""
        found[path] = Cost(cost.calls, cost.read, cost.items, told)
    return found


def open_ones(cafe: EngineApp) -> None:
    """Let some be due."""
    cafe.staff.put("/cats/luna", {"status": "hold", "holdUntil": cafe.clock.now.date().isoformat()})
    for place in range(DUE):
        due = cafe.clock.now.date().isoformat()
        answer = cafe.staff.post("/todos", {"title": f"Due {place}", "cat": "luna", "due": due, "kind": "medicine"})
        assert answer.status_code == 201


def they_cost_nothing(
    cafe: EngineApp, few: int, many: int, kind: Repository[Todo] = TODO, cards: Repository[CareCard] = CARE_CARD
) -> None:
    """Compare what reading costs beside a few and beside many that are done or far away."""
    open_ones(cafe)
    now = cafe.clock.now
    told = []
    for number in (few, many):
        load_items(cafe, done_todos(number, now), kind)
        load_items(cafe, distant_todos(number, now), kind)
        load_items(cafe, future_cards(min(number, CARDS), now), cards)
        told.append(costs(cafe))
    beside_few, beside_many = told
    assert beside_few == beside_many, "what is done or far away costs nothing"
    assert beside_many["/todos/next"].items <= DUE + 1, "what is read may have to be returned"


def test_to_dos_that_are_done_or_far_away_cost_nothing_however_many_there_are(cafe: EngineApp) -> None:
    they_cost_nothing(cafe, FEW, MANY)


def _with(places: Mapping[str, str], todo: Todo) -> dict[str, str]:
    return {**places, "filter1_key": RELEVANT_TODOS, "by_time": f"{keys.timestamp_key(todo.created)}#{todo.id}"}


own = TODO.index_attributes
DONE_STAY = replace(TODO, index_attributes=lambda todo: _with(own(todo), todo) if todo.done else own(todo))
"""What is done stays where it was."""
BY_CREATION = replace(TODO, index_attributes=lambda todo: own(todo) if todo.done else _with(own(todo), todo))
"""Whatever is open stands where it was made."""


TOO_EARLY = replace(
    CARE_CARD,
    index_attributes=lambda card: (
        CARE_CARD.index_attributes(card) | {"by_time": f"{keys.timestamp_key(card.since - WEIGH_EVERY)}#{card.uid}"}
    ),
)
"""What follows from cards is looked at before its time."""


def test_cards_that_are_read_before_their_time_are_caught(cafe: EngineApp) -> None:
    with pytest.raises(AssertionError, match="costs nothing"):
        they_cost_nothing(cafe, 10, SOME, cards=TOO_EARLY)


@pytest.mark.parametrize("kind", [DONE_STAY, BY_CREATION])
def test_a_place_where_too_much_stands_is_caught(cafe: EngineApp, kind: Repository[Todo]) -> None:
    with pytest.raises(AssertionError, match="costs nothing"):
        they_cost_nothing(cafe, 10, SOME, kind)


def test_a_store_that_scans_is_caught(make_broken_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match="costs nothing"):
        they_cost_nothing(make_broken_app(ScansTheTable), 10, SOME)
