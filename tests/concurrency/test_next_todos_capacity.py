"""The cost of ``/todos/next`` and ``/todos`` does not grow with done to-dos, distant to-dos and future care cards."""

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
"""The numbers of done and of distant to-dos. 100,000 cost the same, but take a minute to write."""
SOME = 300
MAX_CARDS = 5_000
DUE = 5
PATHS = ("/todos/next", "/todos/next?limit=2&explain=true", "/todos?limit=5", "/todos?done=true&limit=5")


@dataclass(frozen=True)
class Cost:
    """The cost of a request, and its response."""

    calls: list[str]
    read: float
    items: int
    body: str


def _measure(cafe: EngineApp) -> dict[str, Cost]:
    costs = {}
    for path in PATHS:
        response, capacity = measure_capacity(cafe, partial(cafe.staff.get, path))
        assert response.status_code == 200
        # The list of done to-dos begins with the newest ones, which differ between the measurements.
        body = response.get_data(as_text=True) if "next" in path else ""
        costs[path] = Cost(capacity.calls, capacity.read, capacity.items, body)
    return costs


def create_due_todos(cafe: EngineApp) -> None:
    """Create a cat whose hold has ended, and some to-dos that are due."""
    cafe.staff.put("/cats/luna", {"status": "hold", "holdUntil": cafe.clock.now.date().isoformat()})
    for index in range(DUE):
        due = cafe.clock.now.date().isoformat()
        response = cafe.staff.post("/todos", {"title": f"Due {index}", "cat": "luna", "due": due, "kind": "medicine"})
        assert response.status_code == 201


def check_constant_cost(
    cafe: EngineApp, few: int, many: int, todos: Repository[Todo] = TODO, cards: Repository[CareCard] = CARE_CARD
) -> None:
    """Compare the cost of reading with few and with many done to-dos, distant to-dos and future care cards."""
    create_due_todos(cafe)
    now = cafe.clock.now
    costs = []
    for number in (few, many):
        load_items(cafe, done_todos(number, now), todos)
        load_items(cafe, distant_todos(number, now), todos)
        load_items(cafe, future_cards(min(number, MAX_CARDS), now), cards)
        costs.append(_measure(cafe))
    cost_of_few, cost_of_many = costs
    assert cost_of_few == cost_of_many, "the cost does not grow"
    assert cost_of_many["/todos/next"].items <= DUE + 1, "only relevant items are read"


def test_cost_does_not_grow_with_done_and_distant_todos(cafe: EngineApp) -> None:
    check_constant_cost(cafe, FEW, MANY)


def _relevant_from_creation(attributes: Mapping[str, str], todo: Todo) -> dict[str, str]:
    by_time = f"{keys.timestamp_key(todo.created)}#{todo.id}"
    return {**attributes, "filter1_key": RELEVANT_TODOS, "by_time": by_time}


index_todo, index_card = TODO.index_attributes, CARE_CARD.index_attributes
DONE_STAYS_RELEVANT = replace(
    TODO,
    index_attributes=lambda todo, zone: (
        _relevant_from_creation(index_todo(todo, zone), todo) if todo.done else index_todo(todo, zone)
    ),
)
RELEVANT_FROM_CREATION = replace(
    TODO,
    index_attributes=lambda todo, zone: (
        index_todo(todo, zone) if todo.done else _relevant_from_creation(index_todo(todo, zone), todo)
    ),
)
CARD_RELEVANT_TOO_EARLY = replace(
    CARE_CARD,
    index_attributes=lambda card, zone: (
        index_card(card, zone) | {"by_time": f"{keys.timestamp_key(card.since - WEIGH_EVERY)}#{card.uid}"}
    ),
)


def test_index_with_irrelevant_care_cards_is_detected(cafe: EngineApp) -> None:
    with pytest.raises(AssertionError, match="the cost does not grow"):
        check_constant_cost(cafe, 10, SOME, cards=CARD_RELEVANT_TOO_EARLY)


@pytest.mark.parametrize("todos", [DONE_STAYS_RELEVANT, RELEVANT_FROM_CREATION])
def test_index_with_irrelevant_todos_is_detected(cafe: EngineApp, todos: Repository[Todo]) -> None:
    with pytest.raises(AssertionError, match="the cost does not grow"):
        check_constant_cost(cafe, 10, SOME, todos)


def test_table_scan_is_detected(make_broken_app: MakeEngineApp) -> None:
    with pytest.raises(AssertionError, match="the cost does not grow"):
        check_constant_cost(make_broken_app(ScansTheTable), 10, SOME)
