"""Concurrent changes of ``blockedBy`` never create a cycle or a reference to a deleted to-do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client, pointers
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore, ChecksOnlyTheFirst, ChecksOnlyWhatItWrites


def _create_todos(cafe: EngineApp, number: int) -> list[str]:
    responses = [cafe.staff.post("/todos", {"title": f"number {index}"}) for index in range(number)]
    return [response.get_json()["id"] for response in responses]


def _block(client: Client, todo_id: str, *blockers: str) -> TestResponse:
    return client.patch(f"/todos/{todo_id}", {"blockedBy": blockers}, if_match="*")


def check_no_cycle(cafe: EngineApp) -> None:
    """Check that no to-do blocks itself, directly or not, and that /todos/next has all unblocked to-dos."""
    blocked_by = {todo_id: todo.get("blockedBy", []) for todo_id, todo in cafe.stored("todos").items()}
    for todo_id in blocked_by:
        blockers = list(blocked_by[todo_id])
        for blocker in blockers:
            assert blocker != todo_id, "blockedBy has no cycle"
            blockers += [other for other in blocked_by[blocker] if other not in blockers]
    next_ids = {todo["id"] for todo in cafe.staff.get("/todos/next").get_json()["items"]}
    unblocked = {todo_id for todo_id, blockers in blocked_by.items() if not blockers}
    assert next_ids == unblocked, "unblocked to-dos are next"


def block_in_a_ring(cafe: EngineApp, number: int) -> None:
    """Block each to-do by the next one, all at once."""
    todo_ids = _create_todos(cafe, number)
    pairs = zip(todo_ids, [*todo_ids[1:], todo_ids[0]], strict=True)
    responses = cafe.race(*(partial(_block, cafe.staff, todo_id, blocker) for todo_id, blocker in pairs))
    check_no_cycle(cafe)
    assert statuses(responses) == {200: number - 1, 422: 1}
    [rejected] = [response for response in responses if response.status_code == 422]
    assert pointers(rejected) == ["/blockedBy/0"]


def block_the_blocker_meanwhile(cafe: EngineApp) -> None:
    """Block the new blocker by the same to-do, between the reads and the write of a request."""
    first, second, third = _create_todos(cafe, 3)
    _block(cafe.staff, second, third)
    client, other = cafe.staff, cafe.staff
    cafe.table.before_write = partial(_block, other, third, first)
    response = _block(client, first, second)
    check_no_cycle(cafe)
    assert response.status_code == 422


def delete_the_blocker_meanwhile(cafe: EngineApp) -> None:
    """Delete the new blocker between the reads and the write of a request."""
    first, second = _create_todos(cafe, 2)
    client, other = cafe.staff, cafe.staff
    cafe.table.before_write = partial(other.delete, f"/todos/{second}")
    assert _block(client, first, second).status_code == 422, "blockedBy has no deleted to-do"


SCENARIOS: Sequence[Callable[[EngineApp], None]] = [
    partial(block_in_a_ring, number=2),
    partial(block_in_a_ring, number=5),
    block_the_blocker_meanwhile,
    delete_the_blocker_meanwhile,
]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_concurrent_blocked_by_changes_create_no_cycle(cafe: EngineApp, scenario: Callable[[EngineApp], None]) -> None:
    scenario(cafe)


@pytest.mark.parametrize("table", [ChecksOnlyBefore, ChecksOnlyTheFirst, ChecksOnlyWhatItWrites])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_missing_condition_on_blockers_is_detected(
    make_broken_app: MakeEngineApp, scenario: Callable[[EngineApp], None], table: type[InstrumentedTable]
) -> None:
    with pytest.raises(AssertionError, match="blockedBy has no"):
        scenario(make_broken_app(table))
