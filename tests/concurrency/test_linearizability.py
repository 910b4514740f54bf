"""Random clients on a few cats: whatever they saw could have happened one request after the other, for each cat."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
from werkzeug.test import TestResponse

from tests.support.app import Client
from tests.support.concurrency import Rendezvous, run_concurrently
from tests.support.engine_app import EngineApp, InstrumentedTable, MakeEngineApp
from tests.support.fault_injection import InjectFaults
from tests.support.linearizability import Event, State, is_linearizable
from tests.support.mutants import ChecksOnlyBefore, ReadsStaleItems, WithoutRequestToken

NAMES = ("luna", "milo", "nori")
CLIENTS = 5
OPERATIONS = 200
SEEDS = (2, 3, 5, 11, 13)
ACTIONS = ("GET",) * 5 + ("PUT", "PUT", "CREATE", "PATCH", "PATCH", "PATCH", "DELETE", "REMOVE", "POST")


@dataclass(frozen=True)
class Seen:
    """What a client asked of a cat, and what it was answered."""

    action: str
    status: int
    if_match: str | None
    """The tag that the client knew, where the action depends on one."""
    told: tuple[str, int, str] | None
    """Tag, version and description of the cat that came back."""


def step(state: State, op: Seen) -> list[State]:
    """Model one cat: she is None, or what an answer tells of her."""
    tag, version, _ = state if isinstance(state, tuple) else (None, 0, None)
    if op.status not in _expected(op, tag):
        return []
    if op.status in (404, 409, 412):
        return [state]
    if op.status == 204:
        return [None]
    if op.action == "GET":
        return [state] if state == op.told else []
    return [op.told] if op.told and op.told[1] == version + 1 and op.told[0] != tag else []


def _expected(op: Seen, tag: str | None) -> set[int]:
    """Return the statuses that an action may have while she bears a tag, or is not there."""
    matches = op.if_match == tag
    there = {
        "GET": {200},
        "PUT": {200},
        "CREATE": {412},
        "PATCH": {200} if matches else {412},
        "DELETE": {204},
        "REMOVE": {204} if matches else {412},
        "POST": {409},
    }
    absent = {"PUT": {201}, "CREATE": {201}, "POST": {201}}
    return there[op.action] if tag else absent.get(op.action, {404})


class Worker:
    """Somebody who does one thing after the other, and remembers the last tag of each cat."""

    def __init__(self, caller: Client, name: str, clock: Callable[[], int]) -> None:
        self._caller, self._name, self._clock = caller, name, clock
        self._choose = random.Random(name)
        self._known = dict.fromkeys(NAMES, '"unknown"')
        self.seen: list[tuple[str, Event[Seen]]] = []

    def live(self) -> None:
        """Do this client's part of the operations."""
        for number in range(OPERATIONS // CLIENTS):
            name, action = self._choose.choice(NAMES), self._choose.choice(ACTIONS)
            tag = self._known[name] if action in ("PATCH", "REMOVE") else None
            called = self._clock()
            answer = self._send(name, action, tag, f"{self._name} wrote {number}")
            returned = self._clock()
            told = None
            if answer.status_code in (200, 201):
                cat = answer.get_json()
                self._known[name] = answer.headers["ETag"]
                told = (answer.headers["ETag"], cat["version"], cat["description"])
            self.seen.append((name, Event(called, returned, Seen(action, answer.status_code, tag, told))))

    def _send(self, name: str, action: str, tag: str | None, text: str) -> TestResponse:
        path, body = f"/cats/{name}", {"description": text}
        if_match = {"if_match": tag} if tag else {}
        send: dict[str, Callable[[], TestResponse]] = {
            "GET": partial(self._caller.get, path),
            "PUT": partial(self._caller.put, path, body),
            "CREATE": partial(self._caller.put, path, body, if_none_match="*"),
            "PATCH": partial(self._caller.patch, path, body, **if_match),
            "DELETE": partial(self._caller.delete, path),
            "REMOVE": partial(self._caller.delete, path, **if_match),
            "POST": partial(self._caller.post, "/cats", body | {"name": name}),
        }
        return send[action]()


def could_have_been_in_turn(cafe: EngineApp, seed: int) -> None:
    """Let five clients do 200 operations, two writers always at the same time, and look for an order."""
    clock = itertools.count().__next__
    clients = [
        Worker(caller, f"client {place} of seed {seed}", clock) for place, caller in enumerate(cafe.clients(CLIENTS))
    ]
    cafe.table.meeting = meeting = Rendezvous(CLIENTS, quorum=2)
    run_concurrently([client.live for client in clients], meeting)
    cafe.table.meeting = None
    seen = [one for client in clients for one in client.seen]
    assert len(seen) == OPERATIONS
    for name in NAMES:
        history = [event for cat, event in seen if cat == name]
        assert is_linearizable(history, None, step), f"there is an order of what was seen of {name}"


@pytest.mark.parametrize("seed", SEEDS)
def test_two_hundred_operations_of_five_clients_could_have_been_in_turn(cafe: EngineApp, seed: int) -> None:
    could_have_been_in_turn(cafe, seed)


@pytest.mark.parametrize("forgetful", [False, True])
def test_they_could_have_been_in_turn_even_where_every_fourth_reply_of_the_store_is_lost(
    cafe: EngineApp, inject_faults: InjectFaults, forgetful: bool
) -> None:
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 4, forgetful
    could_have_been_in_turn(cafe, 7)


@pytest.mark.parametrize("table", [ChecksOnlyBefore, ReadsStaleItems])
def test_a_store_that_loses_an_update_or_reads_an_old_copy_is_caught(
    make_broken_app: MakeEngineApp, table: type[InstrumentedTable]
) -> None:
    with pytest.raises(AssertionError, match="there is an order"):
        could_have_been_in_turn(make_broken_app(table), SEEDS[0])


def test_a_store_that_does_not_know_its_own_write_is_caught(
    make_broken_app: MakeEngineApp, inject_faults: InjectFaults
) -> None:
    cafe = make_broken_app(WithoutRequestToken)
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 4, True
    with pytest.raises(AssertionError, match="there is an order"):
        could_have_been_in_turn(cafe, 7)
