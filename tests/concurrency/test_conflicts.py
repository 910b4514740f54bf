"""A transaction that met another one is tried again, and then the client is told when to come back: never 409.

DynamoDB cancels a transaction while another one holds one of its items. The engine of these tests has one writer at a
time and never does, so its answers are put on the injector.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from api.store.table import CONFLICT_PAUSE_SECONDS, CONFLICT_RETRIES
from tests.support.app import problem
from tests.support.engine_app import EngineApp, MakeEngineApp
from tests.support.fault_injection import ErrorResponse, FaultInjector, InjectFaults, LostReply
from tests.support.mutants import TreatsConflictsAsConditionFailures
from tools.local.dynamodb import DynamoDBEmulator

CONFLICT = ErrorResponse("TransactionCanceledException", ("None", "TransactionConflict"))
ATTEMPTS = CONFLICT_RETRIES + 1
NEW = Counter(record=1, history=1)


def a_conflict_passes(cafe: EngineApp, injector: FaultInjector, pauses: list[float]) -> None:
    """Let every attempt but the last one meet another transaction."""
    caller = cafe.staff
    injector.sent = 0
    injector.faults.extend([CONFLICT] * (ATTEMPTS - 1))
    answer = caller.post("/cats", {"name": "luna"})
    assert answer.status_code == 201
    assert len(pauses) == ATTEMPTS - 1, "it waits before each new attempt"
    assert cafe.count_items("luna") == NEW


def a_conflict_stays(cafe: EngineApp, injector: FaultInjector, pauses: list[float]) -> None:
    """Let every attempt meet another transaction."""
    caller = cafe.staff
    injector.sent = 0
    injector.faults.extend([CONFLICT] * 100)
    answer = caller.post("/cats", {"name": "luna"})
    injector.faults.clear()
    assert injector.sent == ATTEMPTS, "it is attempt_login so many times"
    assert len(pauses) == ATTEMPTS - 1, "it does not wait after the last attempt"
    problem(answer, 503)
    assert int(answer.headers["Retry-After"]) >= 1
    assert cafe.count_items("luna") == Counter()


@pytest.mark.parametrize("proof", [a_conflict_passes, a_conflict_stays])
def test_a_conflict_is_tried_again_and_is_503_if_it_stays(
    engine: DynamoDBEmulator, make_app: MakeEngineApp, inject_faults: InjectFaults, proof: Callable[..., None]
) -> None:
    pauses: list[float] = []
    cafe = make_app(engine, pause=pauses.append)
    proof(cafe, inject_faults(cafe), pauses)
    assert sum(pauses) <= CONFLICT_PAUSE_SECONDS * 2**CONFLICT_RETRIES
    assert all(pause <= CONFLICT_PAUSE_SECONDS * 2**place for place, pause in enumerate(pauses))


@pytest.mark.parametrize("proof", [a_conflict_passes, a_conflict_stays])
def test_a_store_that_takes_a_conflict_for_a_lost_race_is_caught(
    engine: DynamoDBEmulator, make_app: MakeEngineApp, inject_faults: InjectFaults, proof: Callable[..., None]
) -> None:
    pauses: list[float] = []
    cafe = make_app(engine, TreatsConflictsAsConditionFailures, pause=pauses.append)
    with pytest.raises(AssertionError, match=r"it waits|it is attempt_login"):
        proof(cafe, inject_faults(cafe), pauses)


def test_a_condition_that_fails_beside_a_conflict_is_a_lost_race(cafe: EngineApp, inject_faults: InjectFaults) -> None:
    injector, caller = inject_faults(cafe), cafe.staff
    injector.faults.append(
        ErrorResponse("TransactionCanceledException", ("ConditionalCheckFailed", "TransactionConflict"))
    )
    assert caller.put("/cats/luna", {}, if_none_match="*").status_code == 201


def test_a_write_that_is_still_under_way_when_it_is_asked_for_again_happens_once(
    cafe: EngineApp, inject_faults: InjectFaults
) -> None:
    injector, caller = inject_faults(cafe), cafe.staff
    injector.faults.extend([LostReply(), ErrorResponse("TransactionInProgressException")])
    assert caller.post("/cats", {"name": "luna"}).status_code == 201
    assert cafe.count_items("luna") == NEW


def test_a_store_that_is_too_busy_is_503(cafe: EngineApp, inject_faults: InjectFaults) -> None:
    injector, caller = inject_faults(cafe), cafe.staff
    injector.faults.extend([ErrorResponse("ThrottlingException")] * 3)
    answer = caller.put("/cats/luna", {})
    problem(answer, 503)
    assert int(answer.headers["Retry-After"]) >= 1
    assert cafe.count_items("luna") == Counter()
