"""To-dos that begin to wait at once never wait on each other: or else none of them would ever be offered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client, pointers
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.mutants import ChecksOnlyBefore, ChecksOnlyTheFirst, ChecksOnlyWhatItWrites


def _todos(cafe: EngineApp, number: int) -> list[str]:
    answers = [cafe.staff.post("/todos", {"title": f"number {place}"}) for place in range(number)]
    return [answer.get_json()["id"] for answer in answers]


def _wait(caller: Client, key: str, *others: str) -> TestResponse:
    return caller.patch(f"/todos/{key}", {"blockedBy": others}, if_match="*")


def nobody_waits_on_themselves(cafe: EngineApp) -> None:
    """Go from every to-do along what it waits on: it does not come up again, and one of them can be begun with."""
    waits = {key: todo.get("blockedBy", []) for key, todo in cafe.stored("todos").items()}
    for key in waits:
        ahead = list(waits[key])
        for other in ahead:
            assert other != key, "nothing waits on itself"
            ahead += [one for one in waits[other] if one not in ahead]
    offered = {todo["id"] for todo in cafe.staff.get("/todos/next").get_json()["items"]}
    assert offered == {key for key, others in waits.items() if not others}, "what waits on nothing is offered"


def in_a_circle(cafe: EngineApp, number: int) -> None:
    """Let each begin to wait on the next one, all at once."""
    keys = _todos(cafe, number)
    pairs = zip(keys, [*keys[1:], keys[0]], strict=True)
    answers = cafe.race(*(partial(_wait, cafe.staff, key, other) for key, other in pairs))
    nobody_waits_on_themselves(cafe)
    assert statuses(answers) == {200: number - 1, 422: 1}
    [refused] = [answer for answer in answers if answer.status_code == 422]
    assert pointers(refused) == ["/blockedBy/0"]


def at_last_hand(cafe: EngineApp) -> None:
    """Let what the other one waits on begin to wait, between what was read and what is written."""
    first, second, third = _todos(cafe, 3)
    _wait(cafe.staff, second, third)
    caller, other = cafe.staff, cafe.staff
    cafe.table.before_write = partial(_wait, other, third, first)
    answer = _wait(caller, first, second)
    nobody_waits_on_themselves(cafe)
    assert answer.status_code == 422


def on_one_who_goes(cafe: EngineApp) -> None:
    """Begin to wait on what is deleted meanwhile."""
    first, second = _todos(cafe, 2)
    caller, other = cafe.staff, cafe.staff
    cafe.table.before_write = partial(other.delete, f"/todos/{second}")
    assert _wait(caller, first, second).status_code == 422, "nothing waits on what is not there"


PROOFS: Sequence[Callable[[EngineApp], None]] = [
    partial(in_a_circle, number=2),
    partial(in_a_circle, number=5),
    at_last_hand,
    on_one_who_goes,
]


@pytest.mark.parametrize("proof", PROOFS)
def test_nothing_waits_on_itself_or_on_what_is_not_there(cafe: EngineApp, proof: Callable[[EngineApp], None]) -> None:
    proof(cafe)


@pytest.mark.parametrize("table", [ChecksOnlyBefore, ChecksOnlyTheFirst, ChecksOnlyWhatItWrites])
@pytest.mark.parametrize("proof", PROOFS)
def test_a_store_that_does_not_check_what_it_waits_on_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None], table: type[InstrumentedTable]
) -> None:
    with pytest.raises(AssertionError, match="nothing waits on"):
        proof(make_broken_app(table))
