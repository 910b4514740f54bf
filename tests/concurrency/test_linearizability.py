"""The responses that random concurrent clients get for a cat are linearizable."""

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
WORKERS = 5
OPERATIONS = 200
SEEDS = (2, 3, 5, 11, 13)
ACTIONS = ("GET",) * 5 + ("PUT", "PUT", "CREATE", "PATCH", "PATCH", "PATCH", "DELETE", "DELETE_IF_MATCH", "POST")


@dataclass(frozen=True)
class Operation:
    """A request for a cat, and its response."""

    action: str
    status: int
    if_match: str | None
    """The ETag in If-Match, if the action has a condition."""
    cat: tuple[str, int, str] | None
    """The ETag, the version and the description of the cat in the response."""


def step(state: State, op: Operation) -> list[State]:
    """Model a cat. The state is None, or the ETag, the version and the description."""
    etag, version, _ = state if isinstance(state, tuple) else (None, 0, None)
    if op.status not in _expected_statuses(op, etag):
        return []
    if op.status in (404, 409, 412):
        return [state]
    if op.status == 204:
        return [None]
    if op.action == "GET":
        return [state] if state == op.cat else []
    return [op.cat] if op.cat and op.cat[1] == version + 1 and op.cat[0] != etag else []


def _expected_statuses(op: Operation, etag: str | None) -> set[int]:
    """Return the possible statuses of an action when the cat has the ETag, or does not exist."""
    matches = op.if_match == etag
    existing = {
        "GET": {200},
        "PUT": {200},
        "CREATE": {412},
        "PATCH": {200} if matches else {412},
        "DELETE": {204},
        "DELETE_IF_MATCH": {204} if matches else {412},
        "POST": {409},
    }
    missing = {"PUT": {201}, "CREATE": {201}, "POST": {201}}
    return existing[op.action] if etag else missing.get(op.action, {404})


class Worker:
    """A client that sends one request after the other and remembers the last ETag of each cat."""

    def __init__(self, client: Client, name: str, clock: Callable[[], int]) -> None:
        self._client, self._name, self._clock = client, name, clock
        self._choose = random.Random(name)
        self._etags = dict.fromkeys(NAMES, '"unknown"')
        self.events: list[tuple[str, Event[Operation]]] = []

    def run(self) -> None:
        """Send random requests and record them."""
        for number in range(OPERATIONS // WORKERS):
            name, action = self._choose.choice(NAMES), self._choose.choice(ACTIONS)
            etag = self._etags[name] if action in ("PATCH", "DELETE_IF_MATCH") else None
            called = self._clock()
            response = self._send(name, action, etag, f"{self._name} wrote {number}")
            returned = self._clock()
            cat = None
            if response.status_code in (200, 201):
                body = response.get_json()
                self._etags[name] = response.headers["ETag"]
                cat = (response.headers["ETag"], body["version"], body["description"])
            self.events.append((name, Event(called, returned, Operation(action, response.status_code, etag, cat))))

    def _send(self, name: str, action: str, etag: str | None, text: str) -> TestResponse:
        path, body = f"/cats/{name}", {"description": text}
        if_match = {"if_match": etag} if etag else {}
        send: dict[str, Callable[[], TestResponse]] = {
            "GET": partial(self._client.get, path),
            "PUT": partial(self._client.put, path, body),
            "CREATE": partial(self._client.put, path, body, if_none_match="*"),
            "PATCH": partial(self._client.patch, path, body, **if_match),
            "DELETE": partial(self._client.delete, path),
            "DELETE_IF_MATCH": partial(self._client.delete, path, **if_match),
            "POST": partial(self._client.post, "/cats", body | {"name": name}),
        }
        return send[action]()


def check_random_operations(cafe: EngineApp, seed: int) -> None:
    """Send 200 random requests from five clients, always two writes at once, and check each cat's history."""
    clock = itertools.count().__next__
    workers = [
        Worker(client, f"client {index} of seed {seed}", clock) for index, client in enumerate(cafe.clients(WORKERS))
    ]
    cafe.table.rendezvous = rendezvous = Rendezvous(WORKERS, quorum=2)
    run_concurrently([worker.run for worker in workers], rendezvous)
    cafe.table.rendezvous = None
    events = [event for worker in workers for event in worker.events]
    assert len(events) == OPERATIONS
    for name in NAMES:
        history = [event for cat, event in events if cat == name]
        assert is_linearizable(history, None, step), f"the history of {name} is linearizable"


@pytest.mark.parametrize("seed", SEEDS)
def test_concurrent_operations_are_linearizable(cafe: EngineApp, seed: int) -> None:
    check_random_operations(cafe, seed)


@pytest.mark.parametrize("forgetful", [False, True])
def test_concurrent_operations_are_linearizable_when_responses_are_lost(
    cafe: EngineApp, inject_faults: InjectFaults, forgetful: bool
) -> None:
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 4, forgetful
    check_random_operations(cafe, 7)


@pytest.mark.parametrize("table", [ChecksOnlyBefore, ReadsStaleItems])
def test_lost_update_or_stale_read_is_detected(make_broken_app: MakeEngineApp, table: type[InstrumentedTable]) -> None:
    with pytest.raises(AssertionError, match="is linearizable"):
        check_random_operations(make_broken_app(table), SEEDS[0])


def test_unrecognised_own_write_is_detected(make_broken_app: MakeEngineApp, inject_faults: InjectFaults) -> None:
    cafe = make_broken_app(WithoutRequestToken)
    injector = inject_faults(cafe)
    injector.lose_every, injector.forgetful = 4, True
    with pytest.raises(AssertionError, match="is linearizable"):
        check_random_operations(cafe, 7)
