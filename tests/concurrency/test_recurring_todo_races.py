"""What recurs is done once, however many press the button, and whatever gets lost: one next occurrence follows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace
from werkzeug.test import TestResponse

from api.context import Context
from api.domain.todos import Todo
from api.resources.todos import TodoItem
from api.services.entity_service import Effects
from api.services.mappings import TODO
from api.services.todos import TODOS, add_next_occurrence
from api.store.transaction import TransactItem
from tests.support.app import Client
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp, statuses
from tests.support.fault_injection import FaultInjector, InjectFaults, LostResponse
from tests.support.mutants import ChecksOnlyBefore, WithoutRequestToken, WritesOneByOne

CROWD = 8
PILL = {"title": "Give Luna her pill", "kind": "medicine", "recurrence": {"every": 12, "unit": "hours"}}


def _pill(cafe: EngineApp) -> str:
    """Note something that recurs, and return its path."""
    due = cafe.clock.now.replace(microsecond=0).isoformat()
    answer = cafe.staff.post("/todos", PILL | {"due": due})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.headers["Location"]


def _press(caller: Client, path: str) -> TestResponse:
    return caller.post(f"{path}/done", None)


def _patch(caller: Client, path: str, if_match: str = "*") -> TestResponse:
    return caller.patch(path, {"done": True}, if_match=if_match)


def one_follows(cafe: EngineApp, path: str, answers: Sequence[TestResponse]) -> None:
    """Check that all have heard of the one that follows, that it is there, and that no other one is."""
    todos = cafe.stored("todos")
    done = todos.pop(path.rpartition("/")[2])
    assert len(todos) == 1, "one follows"
    [(key, following)] = todos.items()
    assert {answer.get_json()["next"] for answer in answers} == {done["next"], key}, "all are told the one that follows"
    assert (done["done"], following.get("done", False)) == (True, False)
    assert cafe.staff.get(f"/todos/{key}").get_json()["due"] > cafe.staff.get(path).get_json()["due"]


def pressed_by_many(cafe: EngineApp) -> None:
    """Let a crowd press the button at once: all are told that it is done, in the same words."""
    path = _pill(cafe)
    answers = cafe.race(*(partial(_press, caller, path) for caller in cafe.clients(CROWD)))
    assert statuses(answers) == {200: CROWD}, "all are told that it is done"
    one_follows(cafe, path, answers)
    assert len({(answer.data, answer.headers["ETag"]) for answer in answers}) == 1, "all are told the same"


def pressed_and_patched(cafe: EngineApp) -> None:
    """Let some press the button, while others write that it is done."""
    path = _pill(cafe)
    acts = [partial((_press, _patch)[place % 2], caller, path) for place, caller in enumerate(cafe.clients(CROWD))]
    answers = cafe.race(*acts)
    assert statuses(answers) == {200: CROWD}, "all are told that it is done"
    one_follows(cafe, path, answers)


def patched_from_one_version(cafe: EngineApp) -> None:
    """Let some press the button, while others write that a version they have read is done: they may be too late."""
    path = _pill(cafe)
    tag = cafe.staff.get(path).headers["ETag"]
    presses = [partial(_press, caller, path) for caller in cafe.clients(CROWD // 2)]
    patches = [partial(_patch, caller, path, tag) for caller in cafe.clients(CROWD // 2)]
    answers = cafe.race(*presses, *patches)
    told = statuses(answers)
    assert told[200] in (CROWD // 2, CROWD // 2 + 1), "one version is written to once"
    assert told == {200: told[200], 412: CROWD - told[200]}
    one_follows(cafe, path, [answer for answer in answers if answer.status_code == 200])


def done_once(
    cafe: EngineApp, injector: FaultInjector, send: Callable[[Client, str], TestResponse], fault: LostResponse
) -> None:
    """Lose the reply of the store: who did it is told that it is done."""
    path, caller = _pill(cafe), cafe.staff
    tag = caller.get(path).headers["ETag"]
    injector.faults.append(fault)
    answer = _patch(caller, path, tag) if send is _patch else send(caller, path)
    assert not injector.faults, "a reply was lost"
    assert answer.status_code == 200, "who did it is told so"
    one_follows(cafe, path, [answer])
    assert caller.get(path).data == answer.data


RACES = [pressed_by_many, pressed_and_patched, patched_from_one_version]


@pytest.mark.parametrize("proof", RACES)
def test_what_is_done_by_many_at_once_is_followed_by_one(cafe: EngineApp, proof: Callable[[EngineApp], None]) -> None:
    proof(cafe)


@pytest.mark.parametrize("proof", RACES[:2])
@pytest.mark.parametrize("forgetful", [False, True])
def test_it_is_followed_by_one_even_where_every_third_reply_of_the_store_is_lost(
    cafe: EngineApp, inject_faults: InjectFaults, proof: Callable[[EngineApp], None], forgetful: bool
) -> None:
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 3, forgetful
    proof(cafe)


@pytest.mark.parametrize("forgetful", [False, True])
@pytest.mark.parametrize("send", [_press, _patch])
def test_whoever_does_it_and_loses_the_reply_is_told_that_it_is_done(
    cafe: EngineApp, inject_faults: InjectFaults, send: Any, forgetful: bool
) -> None:
    injector = inject_faults(cafe)
    injector.forgetful = forgetful
    done_once(cafe, injector, send, LostResponse())


@pytest.mark.parametrize("proof", RACES)
def test_a_store_that_looks_only_before_the_write_is_caught(
    make_broken_app: MakeEngineApp, proof: Callable[[EngineApp], None]
) -> None:
    with pytest.raises(AssertionError, match=r"one follows|one version is written to once"):
        proof(make_broken_app(ChecksOnlyBefore))


def write_the_next_alone(context: Context, before: Todo | None, *rest: Any) -> Effects[Todo]:
    """Write the next occurrence in its own transaction, before the to-do that is done."""
    effects = add_next_occurrence(context, before, *rest)
    for _, following in effects.others:
        item = TODO.item(following, rest[-1].id)
        context.dependencies.table.transact([TransactItem("Put", item, None)], f"{rest[-1].id}-next")
    return replace(effects, others=())


@pytest.mark.parametrize("proof", RACES)
def test_a_next_one_that_is_written_by_itself_is_caught(
    cafe: EngineApp, monkeypatch: pytest.MonkeyPatch, proof: Callable[[EngineApp], None]
) -> None:
    make_broken_app = replace(TODOS, side_effects=write_the_next_alone)
    monkeypatch.setattr("api.services.todos.TODOS", make_broken_app)
    monkeypatch.setattr(TodoItem, "service", make_broken_app)
    with pytest.raises(AssertionError, match="one follows"):
        proof(cafe)


@pytest.mark.parametrize(
    ("send", "table", "forgetful", "told"),
    [
        (_press, WritesOneByOne, False, "one follows"),
        (_patch, WritesOneByOne, False, "who did it is told so"),
        (_patch, WithoutRequestToken, True, "who did it is told so"),
    ],
)
def test_a_store_that_writes_by_halves_or_does_not_know_itself_is_caught(
    make_broken_app: MakeEngineApp,
    inject_faults: InjectFaults,
    send: Any,
    table: type[InstrumentedTable],
    forgetful: bool,
    told: str,
) -> None:
    cafe = make_broken_app(table)
    injector = inject_faults(cafe)
    injector.forgetful = forgetful
    with pytest.raises(AssertionError, match=told):
        done_once(cafe, injector, send, LostResponse())
